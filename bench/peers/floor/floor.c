// The floor: what the kernel asks of any server. One epoll loop, raw sockets,
// one write(2) of a frame made once for each delivery; the event contract of
// bench/README.md answered with fixed strings. No sessions, no heartbeats, no
// limits, WebSocket only. It trusts its client and is good for nothing else.
//
//     cc -O2 -o floor floor.c && PORT=3000 ./floor
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

// The intervals are so long that no client misses a ping.
#define OPEN "0{\"sid\":\"AAAAAAAAAAAAAAAAAAAA\",\"upgrades\":[],\"pingInterval\":3600000,\"pingTimeout\":3600000,\"maxPayload\":1000000}"
#define CONNECTED "40{\"sid\":\"BBBBBBBBBBBBBBBBBBBB\"}"

enum { INPUT = 1 << 16, BUCKETS = 1 << 10 };

struct list {
	int *fds, count, space;
};

struct room {
	struct list members;
	struct room *next; // of the same hash
	int length;
	char name[];
};

struct client {
	char *rest; // of a frame that has not come whole
	int resting, open;
};

static struct client *clients; // by descriptor
static struct list everybody;
static struct room *rooms[BUCKETS];
static char input[INPUT + 1], out[INPUT + 64];

static void add(struct list *l, int fd) {
	if (l->count == l->space) {
		l->space = l->space ? 2 * l->space : 32;
		l->fds = realloc(l->fds, l->space * sizeof *l->fds);
	}
	l->fds[l->count++] = fd;
}

static void drop(struct list *l, int fd) {
	for (int i = 0; i < l->count; i++)
		if (l->fds[i] == fd) {
			l->fds[i] = l->fds[--l->count];
			return;
		}
}

// find returns the members of a room, which it makes at the first call.
static struct list *find(const char *name, int length) {
	uint32_t hash = 2166136261; // FNV-1a
	for (int i = 0; i < length; i++) hash = (hash ^ (unsigned char)name[i]) * 16777619;
	struct room **r = &rooms[hash % BUCKETS];
	while (*r && ((*r)->length != length || memcmp((*r)->name, name, length))) r = &(*r)->next;
	if (!*r) {
		*r = calloc(1, sizeof **r + length);
		(*r)->length = length;
		memcpy((*r)->name, name, length);
	}
	return &(*r)->members;
}

// put writes the whole of data, waiting where the kernel is full.
static void put(int fd, const char *data, int length) {
	while (length > 0) {
		ssize_t n = write(fd, data, length);
		if (n > 0) {
			data += n, length -= n;
		} else if (n < 0 && errno == EAGAIN) {
			struct pollfd full = {.fd = fd, .events = POLLOUT};
			poll(&full, 1, 1000);
		} else {
			return; // the loop will read the end of it
		}
	}
}

// frame puts a header before the payload at out + 4 and returns where it starts.
static char *frame(int payload, int *length) {
	char *start = payload < 126 ? out + 2 : out;
	start[0] = (char)0x81;
	start[1] = (char)(payload < 126 ? payload : 126);
	if (payload >= 126) start[2] = (char)(payload >> 8), start[3] = (char)payload;
	*length = out + 4 + payload - start;
	return start;
}

static void send_text(int fd, const char *text) {
	int length, payload = strlen(text);
	memcpy(out + 4, text, payload);
	char *f = frame(payload, &length);
	put(fd, f, length);
}

// message makes the frame of a `message` event, with text or that many x.
static char *message(const char *text, int bytes, int *length) {
	char *p = out + 4;
	p = stpcpy(p, "42[\"message\",\"");
	text ? memcpy(p, text, bytes) : memset(p, 'x', bytes);
	p = stpcpy(p + bytes, "\"]");
	return frame(p - out - 4, length);
}

static void fan_out(struct list *to, const char *f, int length) {
	for (int i = 0; i < to->count; i++) put(to->fds[i], f, length);
}

// event answers one Socket.IO packet, which has a NUL behind it.
static void event(int fd, char *p, int n) {
	int count, bytes, length, at = 2;
	if (n >= 2 && !memcmp(p, "40", 2)) {
		send_text(fd, CONNECTED);
		add(&everybody, fd);
		return;
	}
	if (n < 3 || memcmp(p, "42", 2)) return;
	while (at < n && p[at] != '[') at++; // past the id of an acknowledgement
	char *args = p + at, *end = p + n;
	if (!strncmp(args, "[\"echo\"", 7)) {
		args += args[7] == ',' ? 8 : 7;
		char *to = out + 4;
		*to++ = '4', *to++ = '3';
		to = mempcpy(to, p + 2, at - 2);
		*to++ = '[';
		to = mempcpy(to, args, end - args);
		char *f = frame(to - out - 4, &length);
		put(fd, f, length);
	} else if (sscanf(args, "[\"bench:broadcast\",%d,%d]", &count, &bytes) == 2 && bytes >= 0 && bytes < INPUT - 32) {
		char *f = message(NULL, bytes, &length);
		for (int i = 0; i < count; i++) fan_out(&everybody, f, length);
	} else if (!strncmp(args, "[\"join\",\"", 9)) {
		add(find(args + 9, end - args - 11), fd);
	} else if (!strncmp(args, "[\"say\",\"", 8)) {
		char *name = args + 8, *close = strstr(name, "\",\"");
		if (!close) return;
		char *f = message(close + 3, end - close - 5, &length);
		fan_out(find(name, close - name), f, length);
	}
}

// The answer to a handshake carries base64(SHA-1(key + GUID)), RFC 6455, 4.2.2.

static uint32_t rotate(uint32_t x, int by) { return x << by | x >> (32 - by); }

static void sha1_block(uint32_t h[5], const unsigned char *block) {
	uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 | block[4 * i + 3];
	for (int i = 16; i < 80; i++) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	for (int i = 0; i < 80; i++) {
		uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5a827999
			     : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
			     : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
				      : (b ^ c ^ d) + 0xca62c1d6;
		f += rotate(a, 5) + e + w[i];
		e = d, d = c, c = rotate(b, 30), b = a, a = f;
	}
	h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

// accept_key makes the 28 characters for a key of 24: 60 bytes, two blocks.
static void accept_key(const char *key, char answer[29]) {
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
	unsigned char text[128] = {0}, sum[21] = {0};
	memcpy(text, key, 24);
	memcpy(text + 24, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
	text[60] = 0x80, text[126] = 60 * 8 >> 8, text[127] = (unsigned char)(60 * 8);
	sha1_block(h, text);
	sha1_block(h, text + 64);
	for (int i = 0; i < 20; i++) sum[i] = (unsigned char)(h[i / 4] >> (24 - 8 * (i % 4)));
	for (int i = 0; i < 7; i++) {
		uint32_t three = (uint32_t)sum[3 * i] << 16 | sum[3 * i + 1] << 8 | sum[3 * i + 2];
		for (int j = 0; j < 4; j++) answer[4 * i + j] = digits[three >> (18 - 6 * j) & 63];
	}
	answer[27] = '=', answer[28] = 0;
}

// handshake answers a whole request and returns its length, or 0.
static int handshake(int fd, char *request) {
	char *end = strstr(request, "\r\n\r\n"), *key = strcasestr(request, "\r\nSec-WebSocket-Key: ");
	char answer[29];
	if (!end || !key || end - key < 21 + 24) return 0;
	accept_key(key + 21, answer);
	dprintf(fd, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		    "Sec-WebSocket-Accept: %s\r\n\r\n", answer);
	send_text(fd, OPEN);
	clients[fd].open = 1;
	return end + 4 - request;
}

// frames answers the whole frames of n bytes and returns how many bytes they are.
static int frames(int fd, char *data, int n) {
	char *p = data;
	for (int left; (left = data + n - p) >= 6;) {
		int length = p[1] & 127, head = 2;
		if (length == 126) length = (unsigned char)p[2] << 8 | (unsigned char)p[3], head = 4;
		if (length == 127 || left < head + 4 + length) break;
		char *mask = p + head, *payload = mask + 4, save = payload[length];
		for (int i = 0; i < length; i++) payload[i] ^= mask[i & 3];
		payload[length] = 0;
		if ((p[0] & 15) == 1) event(fd, payload, length);
		payload[length] = save;
		p = payload + length;
	}
	return p - data;
}

static void end(int fd) {
	struct client *c = &clients[fd];
	drop(&everybody, fd);
	for (int i = 0; i < BUCKETS; i++)
		for (struct room *r = rooms[i]; r; r = r->next) drop(&r->members, fd);
	free(c->rest);
	*c = (struct client){0};
	close(fd);
}

static void readable(int fd) {
	struct client *c = &clients[fd];
	if (c->rest) memcpy(input, c->rest, c->resting);
	ssize_t n = read(fd, input + c->resting, INPUT - c->resting);
	if (n < 0 && errno == EAGAIN) return;
	if (n <= 0) return end(fd);
	n += c->resting;
	input[n] = 0;
	int used = c->open ? 0 : handshake(fd, input);
	if (c->open) used += frames(fd, input + used, n - used);
	c->resting = n - used;
	free(c->rest);
	c->rest = c->resting ? memcpy(malloc(c->resting), input + used, c->resting) : NULL;
}

static void watch(int loop, int fd) {
	struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
	epoll_ctl(loop, EPOLL_CTL_ADD, fd, &e);
}

int main(void) {
	const char *port = getenv("PORT");
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	clients = calloc(files.rlim_max, sizeof *clients);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR2, SIG_IGN); // there is no garbage

	int yes = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), loop = epoll_create1(0);
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(port ? atoi(port) : 3000),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (!clients || bind(listener, (void *)&address, sizeof address) || listen(listener, 4096)) {
		perror("floor: listen");
		return 1;
	}
	watch(loop, listener);
	for (struct epoll_event ready[512];;) {
		int n = epoll_wait(loop, ready, 512, -1);
		for (int i = 0; i < n; i++) {
			if (ready[i].data.fd != listener) {
				readable(ready[i].data.fd);
				continue;
			}
			for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
				setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
				watch(loop, fd);
			}
		}
	}
}
