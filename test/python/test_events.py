"""The events of the conformance server that concern one socket, with python-socketio."""
import unittest

import socketio

from conformance import ConformanceTest, Peer, in_every_mode

VALUES = [
    [],
    ['hello', '', 'é👍', '"\\\u2028\x1e'],
    [0, -1, 1.5, 2**53, -(2**53), True, False, None],
    [{'a': [1, {'b': {}}, []], '': 'empty key'}, [[['deep']]]],
    [b'\x01\x02\x03'],
    [b''],
    [{'a': b'\x00\xff', 'list': [b'\x1e', 7]}, 'x', b''],
    [bytes([i]) for i in range(10)],
    ['x' * 50_000],
    [bytes(60_000)],
]


def counting(n):
    return bytes(i & 255 for i in range(n))


class Events(ConformanceTest):
    @in_every_mode
    def test_welcome(self, join):
        peer = join(auth={'token': 'x'})
        self.assertEqual(peer.next('welcome'), (
            {'sid': peer.sid, 'nsp': '/', 'auth': {'token': 'x'}, 'recovered': False},))
        self.assertNotEqual(peer.sid, peer.client.eio.sid)

    @in_every_mode
    def test_echo_acknowledges(self, join):
        peer = join()
        for values in VALUES:
            self.assertEqual(list(peer.ask('echo', *values)), values)

    @in_every_mode
    def test_echo_without_acknowledgement_emits(self, join):
        peer = join()
        for values in VALUES:
            peer.emit('echo', *values)
            self.assertEqual(list(peer.next('echo')), values)

    @in_every_mode
    def test_describe(self, join):
        got = join().ask('describe', counting(1000), {'a': [b'\xff\xff', None]}, b'', 7)
        total = sum(counting(1000)) % 65536
        self.assertEqual(got, ({'bin': 1000, 'sum': total}, {'a': [{'bin': 2, 'sum': 510}, None]},
                               {'bin': 0, 'sum': 0}, 7))

    @in_every_mode
    def test_acknowledgements(self, join):
        peer = join()
        answers = []
        peer.client.emit('ack-never', callback=lambda *args: answers.append(args))
        peer.client.emit('unheard-of', callback=lambda *args: answers.append(args))
        peer.client.emit('ack-twice', 'first', callback=lambda *args: answers.append(args))
        self.assertEqual(peer.ask('ack-late', 50, 'late'), ('late',))
        self.assertEqual(answers, [('first',)])

    @in_every_mode
    def test_please(self, join):
        peer = join(answers={'please-ack': lambda value: (value, 2, b'\x07\x08')})
        peer.emit('please', 'one', 10_000)
        self.assertEqual(peer.next('ack-result'), (
            {'timedOut': False, 'args': ['one', 2, {'bin': 2, 'sum': 15}]},))

    @in_every_mode
    def test_give(self, join):
        peer = join()
        for n in (0, 1, 126, 65_536, 300_000):
            peer.emit('give', n)
            self.assertEqual(peer.next('bin'), (counting(n),))

    @in_every_mode
    def test_give_mixed(self, join):
        peer = join()
        peer.emit('give-mixed')
        self.assertEqual(peer.next('mixed'), (
            {'a': b'\x01\x02\x03', 'list': [b'\x04', 7, {'c': b''}], 's': 'x'}, b'\xff'))

    @in_every_mode
    def test_burst(self, join):
        peer = join()
        for kind in ('text', 'binary', 'mixed'):
            peer.emit('burst', 500, kind)
            self.assertEqual(peer.next('burst-done'), (500,))
            expected = [(i, bytes([i & 255])) if kind == 'binary' or (kind == 'mixed' and i % 2) else (i,)
                        for i in range(500)]
            self.assertEqual(peer.waiting('burst'), expected)

    @in_every_mode
    def test_collect(self, join):
        peer = join()
        for i in range(200):
            peer.emit('collect', i, b'x' if i % 3 else 'x')
        self.assertEqual(peer.ask('collected'), (list(range(200)),))

    @in_every_mode
    def test_blocked(self, join):
        peer = join()
        peer.emit('blocked')
        self.assertEqual(peer.next('mw-error'), ('blocked event',))

    @in_every_mode
    def test_transport(self, join):
        peer = join()
        self.assertEqual(peer.ask('transport'), (peer.client.transport(),))

    @in_every_mode
    def test_handshake(self, join):
        (handshake,) = join(auth={'a': 1}, headers={'X-Custom': 'value'}).ask('handshake')
        self.assertEqual(handshake['auth'], {'a': 1})
        self.assertEqual(handshake['headers']['x-custom'], 'value')
        self.assertEqual(handshake['query']['EIO'], '4')
        self.assertEqual(handshake['address'], '127.0.0.1')

    @in_every_mode
    def test_data(self, join):
        peer = join()
        self.assertEqual(peer.ask('get-data'), (None,))
        self.assertEqual(peer.ask('set-data', {'a': 1}), ())
        self.assertEqual(peer.ask('get-data'), ({'a': 1},))

    @in_every_mode
    def test_lives_through_pings(self, join):
        peer = join()
        self.assertEqual(peer.ask('ack-late', 4500, 'alive'), ('alive',))


class Namespaces(ConformanceTest):
    @in_every_mode
    def test_those_who_may(self, join):
        for namespace, auth in (('/custom', None), ('/admin', {'token': 'secret'}), ('/slow', None), ('/dyn-py', None)):
            peer = join(namespace=namespace, auth=auth)
            (welcome,) = peer.next('welcome')
            self.assertEqual(welcome['nsp'], namespace)
            self.assertEqual(peer.ask('echo', b'x', 1), (b'x', 1))

    def test_those_who_may_not(self):
        for namespace, auth in (('/admin', {'token': 'guess'}), ('/unknown', None), ('/', {'deny': True})):
            for transports in (['polling'], ['websocket']):
                with self.subTest(namespace, transports=transports):
                    # The client waits for all namespaces until its patience ends, refused or not.
                    with self.assertRaises(socketio.exceptions.ConnectionError):
                        Peer(self.server.url, transports, namespace=namespace, auth=auth, patience=1)

    def test_the_server_denies(self):
        for transports in (['polling'], ['websocket']):
            with self.assertRaises(socketio.exceptions.ConnectionError):
                Peer(self.server.url, transports, headers={'x-conformance-deny': '1'})


if __name__ == '__main__':
    unittest.main()
