"""python-socketio's server with some of the events of ../conformance, and the same line when it listens. SIGTERM ends it."""
import asyncio
import json
import signal

import aiohttp
import engineio.payload
import socketio
from aiohttp import web

engineio.payload.Payload.max_decode_packets = 100_000

# engineio takes of a POST's body what has come at that moment, and loses the rest.
read = aiohttp.StreamReader.read


async def read_all(self, n=-1):
    data = more = await read(self, n)
    while more and len(data) < n:
        more = await read(self, n - len(data))
        data += more
    return data


aiohttp.StreamReader.read = read_all

sio = socketio.AsyncServer(async_mode='aiohttp', ping_interval=1, ping_timeout=2, max_http_buffer_size=100_000)
collected = {}


def describe(value):
    if isinstance(value, (bytes, bytearray)):
        return {'bin': len(value), 'sum': sum(value) % 65536}
    if isinstance(value, list):
        return [describe(v) for v in value]
    if isinstance(value, dict):
        return {k: describe(v) for k, v in value.items()}
    return value


def rooms_of(sid):
    return sorted(room for room in sio.rooms(sid) if room and room != sid)


@sio.event
async def connect(sid, environ, auth):
    collected[sid] = []
    # Not before CONNECT's answer, which is sent when this returns.
    sio.start_background_task(welcome, sid, auth)


async def welcome(sid, auth):
    await sio.sleep(0.01)
    await sio.emit('welcome', {'sid': sid, 'nsp': '/', 'auth': auth or {}, 'recovered': False}, to=sid)


@sio.event
async def echo(sid, *args):
    # Whether an acknowledgement is wanted is not told: both, and the client listens to the one it wants.
    await sio.emit('echo', args, to=sid)
    return args


@sio.on('describe')
async def on_describe(sid, *args):
    return tuple(describe(a) for a in args)


@sio.on('ack-late')
async def ack_late(sid, ms, value):
    await sio.sleep(ms / 1000)
    return value


@sio.on('ack-twice')
async def ack_twice(sid, value):
    return value


@sio.event
async def please(sid, value, ms):
    try:
        args = await sio.call('please-ack', value, to=sid, timeout=ms / 1000)
        result = {'timedOut': False, 'args': [describe(args)]}
    except socketio.exceptions.TimeoutError:
        result = {'timedOut': True, 'args': []}
    await sio.emit('ack-result', result, to=sid)


@sio.event
async def give(sid, n):
    await sio.emit('bin', bytes(i & 255 for i in range(n)), to=sid)


@sio.on('give-mixed')
async def give_mixed(sid):
    await sio.emit('mixed', ({'a': b'\x01\x02\x03', 'list': [b'\x04', 7, {'c': b''}], 's': 'x'}, b'\xff'), to=sid)


@sio.event
async def burst(sid, n, kind):
    for i in range(n):
        args = (i, bytes([i & 255])) if kind == 'binary' or kind == 'mixed' and i % 2 else (i,)
        await sio.emit('burst', args, to=sid)
    await sio.emit('burst-done', n, to=sid)


@sio.event
async def collect(sid, i, *_):
    collected[sid].append(i)


@sio.on('collected')
async def on_collected(sid):
    got, collected[sid] = collected[sid], []
    return (got,)


@sio.event
async def join(sid, room):
    sio.enter_room(sid, room)
    return (rooms_of(sid),)


@sio.event
async def leave(sid, room):
    sio.leave_room(sid, room)
    return (rooms_of(sid),)


@sio.event
async def send(sid, spec):
    args = tuple(spec.get('args', []))
    for room in spec.get('to') or [None]:
        await sio.emit(spec['event'], args, to=room, skip_sid=sid if spec['via'] == 'socket' else None)


@sio.event
async def bye(sid, hard=False):
    await sio.disconnect(sid)


@sio.event
async def transport(sid):
    return sio.eio.transport(sio.manager.eio_sid_from_sid(sid, '/'))


async def main():
    app = web.Application()
    sio.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, '127.0.0.1', 0)
    await site.start()
    end = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end.set)
    port = site._server.sockets[0].getsockname()[1]
    print('CONFORMANCE_READY ' + json.dumps({'main': f'http://127.0.0.1:{port}'}), flush=True)
    await end.wait()


asyncio.run(main())
