"""Rooms, broadcasts and disconnects of the conformance server, with python-socketio."""
import time
import unittest

from conformance import MODES, PATIENCE, ConformanceTest, in_every_mode


class Rooms(ConformanceTest):
    def audience(self):
        """One more client for each way to the server."""
        return [self.join(transports) for transports in MODES.values()]

    @in_every_mode
    def test_join_and_leave(self, join):
        peer = join()
        first, second = 'a-' + peer.sid, 'b-' + peer.sid  # a client of polling may leave late
        self.assertEqual(peer.ask('join', second), ([second],))
        self.assertEqual(peer.ask('join', first), ([first, second],))
        self.assertEqual(peer.ask('leave', second), ([first],))
        self.assertEqual(peer.ask('rooms'), ([first],))
        self.assertEqual(peer.ask('members', first), ([peer.sid],))

    @in_every_mode
    def test_send(self, join):
        peer, (one, two, three) = join(), self.audience()
        one.ask('join', 'left-' + peer.sid)
        two.ask('join', 'left-' + peer.sid)
        two.ask('join', 'right-' + peer.sid)
        left, right = ['left-' + peer.sid], ['right-' + peer.sid]
        for args, spec in (
            ('all', {'via': 'io'}),
            ('others', {'via': 'socket'}),
            ('left', {'via': 'io', 'to': left}),
            ('both', {'via': 'io', 'to': left + right}),
            ('only left', {'via': 'socket', 'to': left, 'except': right}),
            ('only one', {'via': 'io', 'to': [one.sid]}),
        ):
            self.assertEqual(peer.ask('send', dict(spec, event='news', args=[args, b'x'])), ())
        heard = {}
        for name, listener in (('peer', peer), ('one', one), ('two', two), ('three', three)):
            listener.settle()
            heard[name] = [text for text, _ in listener.waiting('news')]
        self.assertEqual(heard, {
            'peer': ['all'],
            'one': ['all', 'others', 'left', 'both', 'only left', 'only one'],
            'two': ['all', 'others', 'left', 'both'],
            'three': ['all', 'others'],
        })

    @in_every_mode
    def test_send_seq(self, join):
        peer, others = join(), self.audience()
        peer.ask('send-seq', {'via': 'socket', 'event': 'seq'}, 300, 50)
        for other in others:
            other.settle()
            self.assertEqual(other.waiting('seq'), [(i, 'x' * 50) for i in range(300)])

    @in_every_mode
    def test_confirm(self, join):
        peer = join()
        room = 'confirm-' + peer.sid
        for i, transports in enumerate(MODES.values()):
            self.join(transports, answers={'confirm': lambda value, i=i: i}).ask('join', room)
        (result,) = peer.ask('confirm', room, 10_000)
        self.assertFalse(result['timedOut'])
        self.assertEqual(sorted(result['responses']), [0, 1, 2])

    @in_every_mode
    def test_rooms_join_and_leave(self, join):
        peer, others = join(), self.audience()
        start, end = 'start-' + peer.sid, 'end-' + peer.sid
        for other in others:
            other.ask('join', start)
        self.assertEqual(peer.ask('rooms-join', start, end), ())
        self.assertEqual(peer.ask('members', end), (sorted(other.sid for other in others),))
        self.assertEqual(peer.ask('rooms-leave', end, start), ())
        self.assertEqual(peer.ask('members', start), ([],))


class Disconnects(ConformanceTest):
    @in_every_mode
    def test_by_the_server(self, join):
        judge = self.join()
        for hard in (False, True):
            peer = join()
            sid = peer.sid
            peer.ask('join', 'a')
            peer.emit('bye', hard)
            peer.gone()
            self.assertEqual(self.reason_of(judge, sid), {'reason': 'server namespace disconnect', 'rooms': ['a']})
            peer = join()
            sid = peer.sid
            judge.ask('kick', sid, hard)
            peer.gone()
            self.assertEqual(self.reason_of(judge, sid)['reason'], 'server namespace disconnect')

    @in_every_mode
    def test_by_the_client(self, join):
        judge = self.join()
        peer = join()
        sid = peer.sid
        reasons = ['client namespace disconnect', 'transport close', 'transport error']
        if peer.client.transport() == 'polling':
            # This client's sender may end before it has sent what was queued last: then nobody has told the server.
            reasons.append('ping timeout')
        peer.client.disconnect()
        # It says DISCONNECT and closes at once; over WebSocket the close may win.
        self.assertIn(self.reason_of(judge, sid)['reason'], reasons)

    def test_nobody_is_left_behind(self):
        judge = self.join()
        for transports in MODES.values():
            for _ in range(10):
                peer = self.join(transports)
                sid = peer.sid
                peer.settle()
                peer.close()
                self.reason_of(judge, sid)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            stats = self.server.stats()
            if (stats['clients'], stats['sockets']) == (1, 1):
                return
        self.fail(f'still there: {stats}')


if __name__ == '__main__':
    unittest.main()
