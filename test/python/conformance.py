"""The conformance server as a child process, and python-socketio's client made patient and orderly."""
import atexit
import functools
import json
import os
import pathlib
import queue
import re
import shutil
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.request
import warnings

import engineio
import engineio.payload
import socketio

# The client refuses polls of more than 16 packets, which any server may send.
engineio.payload.Payload.max_decode_packets = 100_000

PATIENCE = 15  # seconds that a wait may take
MODES = {
    'polling only': ['polling'],
    'WebSocket only': ['websocket'],
    'upgrading': None,
}
ROOT = pathlib.Path(__file__).resolve().parents[2]


@functools.cache
def binary():
    """The server named by CONFORMANCE_BIN, or else built now, with the race detector."""
    named = os.environ.get('CONFORMANCE_BIN')
    if named:
        return named
    folder = tempfile.mkdtemp(prefix='rightnow-test-')
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = os.path.join(folder, 'conformance')
    env = dict(os.environ, CGO_ENABLED='1')
    subprocess.run(['go', 'build', '-race', '-o', path, './test/conformance'], cwd=ROOT, env=env, check=True)
    return path


class Server:
    """A running conformance server."""

    def __init__(self):
        env = dict(os.environ, CONFORMANCE_PORT='0')
        self.errors = tempfile.TemporaryFile('w+')
        self.process = subprocess.Popen([binary(), '-face', 'conformance'], env=env, text=True,
                                        stdout=subprocess.PIPE, stderr=self.errors)
        lines = queue.Queue()
        threading.Thread(target=self._listen, args=(lines,), daemon=True).start()
        try:
            self.url = json.loads(lines.get(timeout=30))['main']
        except queue.Empty:
            self.process.kill()
            raise AssertionError('the server did not say CONFORMANCE_READY: ' + self.said()) from None

    def _listen(self, lines):
        # Ends with the server's standard output.
        for line in self.process.stdout:
            if line.startswith('CONFORMANCE_READY '):
                lines.put(line.split(' ', 1)[1])

    def said(self):
        self.errors.seek(0)
        return self.errors.read()

    def stats(self):
        with urllib.request.urlopen(self.url + '/conformance/stats', timeout=PATIENCE) as answer:
            return json.load(answer)

    def stop(self):
        """SIGTERM, and the manners of the end: within 5 s, status 0, no race and no panic reported."""
        self.process.terminate()
        try:
            status = self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            raise AssertionError('still there 5 s after SIGTERM: ' + self.said()) from None
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
        said = self.said()
        self.errors.close()
        if status != 0 or re.search(r'DATA RACE|panic:', said):
            raise AssertionError(f'ended with status {status}: {said}')


class OrderlyEngine(engineio.Client):
    """Handles messages one after the other: the original starts a thread for each, and so loses
    their order and mixes up attachments."""

    def _trigger_event(self, event, *args, **kwargs):
        kwargs['run_async'] = False
        return super()._trigger_event(event, *args, **kwargs)


class OrderlyClient(socketio.Client):
    def _engineio_client_class(self):
        return OrderlyEngine


class Peer:
    """One connection with a namespace; what it receives waits in a queue for each event."""

    def __init__(self, url, transports=None, namespace='/', auth=None, headers=None, answers=None,
                 patience=PATIENCE):
        self.namespace = namespace
        self.answers = answers or {}
        self.disconnected = threading.Event()
        self.refusals = queue.Queue()
        self._queues = {}
        self._lock = threading.Lock()
        self.client = OrderlyClient(reconnection=False)
        self.client.on('*', self._received, namespace=namespace)
        self.client.on('disconnect', lambda *_: self.disconnected.set(), namespace=namespace)
        self.client.on('connect_error', lambda *args: self.refusals.put(args), namespace=namespace)
        self.client.connect(url, transports=transports, namespaces=[namespace], auth=auth,
                            headers=headers or {}, wait_timeout=patience)

    def _received(self, event, *args):
        self._queue(event).put(args)
        return self.answers[event](*args) if event in self.answers else None

    def _queue(self, event):
        with self._lock:
            return self._queues.setdefault(event, queue.Queue())

    @property
    def sid(self):
        return self.client.get_sid(self.namespace)

    def emit(self, event, *args):
        self.client.emit(event, args, namespace=self.namespace)

    def next(self, event):
        """The arguments of the next event of that name, also of one that came before."""
        try:
            return self._queue(event).get(timeout=PATIENCE)
        except queue.Empty:
            raise AssertionError(f'timed out waiting for the event {event}') from None

    def waiting(self, event):
        """The events of that name received and not taken."""
        got = []
        box = self._queue(event)
        while not box.empty():
            got.append(box.get())
        return got

    def ask(self, event, *args):
        """Sends an event and returns the arguments of its acknowledgement."""
        answer = queue.Queue()
        self.client.emit(event, args, namespace=self.namespace, callback=lambda *got: answer.put(got))
        try:
            return answer.get(timeout=PATIENCE)
        except queue.Empty:
            raise AssertionError(f'timed out waiting for the acknowledgement of {event}') from None

    def settle(self):
        """Returns when all that the server sent before has come."""
        self.ask('echo', 'fence')

    def gone(self):
        if not self.disconnected.wait(PATIENCE):
            raise AssertionError('timed out waiting for the disconnect')

    def close(self):
        if self.client.connected:
            self.client.disconnect()


class ConformanceTest(unittest.TestCase):
    """A test case with a server of its own for the class."""

    @classmethod
    def setUpClass(cls):
        # The client leaves sockets to the garbage collector; unittest would show each.
        warnings.simplefilter('ignore', ResourceWarning)
        cls.server = Server()
        cls.addClassCleanup(cls.server.stop)

    def join(self, transports=None, **options):
        peer = Peer(self.server.url, transports, **options)
        self.addCleanup(peer.close)
        return peer

    def reason_of(self, judge, sid):
        """Why a socket has disconnected, as the judge is told by the server."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            (reason,) = judge.ask('reason-of', sid)
            if reason:
                return reason
        raise AssertionError(f'the server does not say that {sid} has disconnected')


def in_every_mode(test):
    """Runs a test method once for each way to the server, as sub-tests; the method gets a function
    that connects that way."""
    def run(self):
        for mode, transports in MODES.items():
            with self.subTest(mode):
                test(self, lambda transports=transports, **options: self.join(transports, **options))
            self.doCleanups()
    run.__name__ = test.__name__
    run.__doc__ = test.__doc__
    return run
