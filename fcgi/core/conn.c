#define NO_FCGI_DEFINES
#include <errno.h>
#include <fcgiapp.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "base/write_all.h"
#include "fcgi/core/body_file.h"
#include "fcgi/core/conn.h"
#include "fcgi/core/record.h"
#include "fcgi/core/req.h"

/*
 * Maximum time for a request to arrive, from the last response on its
 * connection or from the start of the connection. nginx does not wait longer
 * for a response (fastcgi_read_timeout) and closes idle connections after 1 s.
 */
#define ARRIVE_US	(15 * 1000000)
/*
 * Maximum time that a write may block, in s. A write after conn_writable() does
 * not block.
 */
#define SEND_STALL	2
/* Maximum number of bytes of all incomplete requests together. */
#define STORED_MAX	(16 * 1024 * 1024)
#define STORED_FIRST	(32 * 1024)
/*
 * If a request is larger than this, the shared buffer frees its memory
 * afterwards.
 */
#define INPUT_KEEP	(256 * 1024)
/* Includes an empty STDIN record, which replaces a body that is too large. */
#define INPUT_MAX	(RECORD_REQUEST_MAX + RECORD_HEADER)
/* Includes the invalid record that marks the end for libfcgi. */
#define INPUT_SIZE	(INPUT_MAX + RECORD_HEADER)
#define INPUT_SHORT	2048		/* see input_begin() */

struct conn {
	FCGX_Request fx;
	int fd;
	bool busy;			/* its request is not answered yet */
	bool failed;			/* the response could not be sent */
	bool stalled;			/* because it was not read in time */
	bool ended;			/* the response is complete */
	struct record_reader reader;
	bool in_file;			/* the body is in a file, not in data */
	struct body_file body;
	uint8_t *data;			/* incomplete request, or NULL */
	size_t len, cap;
	int64_t since;			/* waits for a request since, µs */
	int64_t heard;			/* time of the last bytes, µs */
	struct conn *next, *prev;	/* waiting for a request, by since */
};

static struct {
	struct conn **by_fd;
	int nfds;
	int64_t count;
	struct conn *first, *last;	/* waiting for a request */
	struct conn *spare;		/* for the next connection, or NULL */
	size_t stored;			/* sum of cap of all connections */
	const char *dir;		/* for large bodies */
} all;

/*
 * The file that libfcgi reads from. It is in memory and mapped, so recv()
 * writes the bytes there without a copy.
 */
static struct {
	int fd;
	uint8_t *map;
	size_t len;
} input = { .fd = -1 };

static void
input_close(void)
{
	if (input.map != NULL)
		munmap(input.map, INPUT_SIZE);
	if (input.fd >= 0)
		close(input.fd);
	input.map = NULL;
	input.fd = -1;
}

static bool
input_open(void)
{
	void *map = MAP_FAILED;

	input.fd = memfd_create("earmark-request", MFD_CLOEXEC);
	if (input.fd >= 0 && ftruncate(input.fd, INPUT_SIZE) == 0)
		map = mmap(NULL, INPUT_SIZE, PROT_READ | PROT_WRITE,
		    MAP_SHARED, input.fd, 0);
	if (map == MAP_FAILED) {
		input_close();
		return false;
	}
	input.map = map;
	return true;
}

/*
 * Sets the descriptor to the first byte of the request. libfcgi reads 8 KiB at
 * once. At the end of the file, a read copies only the bytes of the request.
 */
static bool
input_begin(void)
{
	size_t at = 0, n = input.len + RECORD_HEADER;

	/*
	 * The file may contain bytes of older requests. A record with version 0
	 * stops libfcgi there.
	 */
	memset(input.map + input.len, 0, RECORD_HEADER);
	if (n <= INPUT_SHORT) {
		at = INPUT_SIZE - n;
		memcpy(input.map + at, input.map, n);
	}
	return lseek(input.fd, (off_t)at, SEEK_SET) == (off_t)at;
}

/* Frees the memory of a large request. */
static void
input_trim(void)
{
	if (input.len > INPUT_KEEP)
		madvise(input.map, INPUT_SIZE, MADV_REMOVE);
}

bool
conn_init(int64_t max, const char *dir)
{
	all.dir = dir;
	/*
	 * Each connection may have a file. Descriptors of other kinds have
	 * numbers too.
	 */
	all.nfds = 2 * (int)max + 64;
	all.by_fd = calloc((size_t)all.nfds, sizeof(struct conn *));
	return all.by_fd != NULL && input_open() && FCGX_Init() == 0;
}

int64_t
conn_count(void)
{
	return all.count;
}

struct conn *
conn_find(int fd)
{
	return fd >= 0 && fd < all.nfds ? all.by_fd[fd] : NULL;
}

static void
wait_begin(struct conn *c)
{
	c->since = clock_mono();
	c->prev = all.last;
	c->next = NULL;
	if (all.last == NULL)
		all.first = c;
	else
		all.last->next = c;
	all.last = c;
}

static void
wait_end(struct conn *c)
{
	if (c->prev == NULL)
		all.first = c->next;
	else
		c->prev->next = c->next;
	if (c->next == NULL)
		all.last = c->prev;
	else
		c->next->prev = c->prev;
}

bool
conn_reserve(void)
{
	if (all.spare == NULL)
		all.spare = calloc(1, sizeof(*all.spare));
	return all.spare != NULL;
}

struct conn *
conn_open(int fd)
{
	const struct timeval stall = { .tv_sec = SEND_STALL };
	struct conn *c = all.spare;

	if (fd >= all.nfds) {
		close(fd);
		log_error("accept", "descriptor %d is beyond the limit", fd);
		return NULL;
	}
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &stall,
	    sizeof(stall)) != 0) {
		log_error("accept", "SO_SNDTIMEO: %s", strerror(errno));
		close(fd);
		return NULL;
	}
	all.spare = NULL;
	/* Without a listening socket, libfcgi never accepts connections. */
	FCGX_InitRequest(&c->fx, -1, FCGI_FAIL_ACCEPT_ON_INTR);
	c->fd = fd;
	record_init(&c->reader);
	all.by_fd[fd] = c;
	all.count++;
	wait_begin(c);
	return c;
}

static void
stored_free(struct conn *c)
{
	all.stored -= c->cap;
	free(c->data);
	c->data = NULL;
	c->len = c->cap = 0;
}

static void
body_end(struct conn *c)
{
	body_file_close(&c->body);
	c->in_file = false;
}

void
conn_close(struct conn *c)
{
	if (!c->busy)
		wait_end(c);
	FCGX_Free(&c->fx, 0);
	stored_free(c);
	body_end(c);
	all.by_fd[c->fd] = NULL;
	all.count--;
	close(c->fd);
	free(c);
}

static enum conn_input
refuse_conn(struct conn *c, const char *why)
{
	log_warn("connection", "closed: %s", why);
	conn_close(c);
	return CONN_CLOSED;
}

/*
 * Returns the incomplete request without progress for the longest time, except
 * `but`.
 */
static struct conn *
find_stalled(const struct conn *but)
{
	struct conn *c, *found = NULL;

	for (c = all.first; c != NULL; c = c->next)
		if (c != but && c->cap > 0 &&
		    (found == NULL || c->heard < found->heard))
			found = c;
	return found;
}

/*
 * Enlarges the buffer of an incomplete request to at least `size` bytes. If
 * all buffers together exceed STORED_MAX, closes the connections without
 * progress for the longest time.
 */
static bool
stored_grow(struct conn *c, size_t size)
{
	size_t cap = c->cap == 0 ? STORED_FIRST : c->cap * 2;
	struct conn *other;
	uint8_t *p;

	while (cap < size)
		cap *= 2;
	if (cap > INPUT_MAX)
		cap = INPUT_MAX;
	while (all.stored + cap - c->cap > STORED_MAX) {
		other = find_stalled(c);
		if (other == NULL)
			return false;
		refuse_conn(other, "too much memory for incomplete requests");
	}
	p = realloc(c->data, cap);
	if (p == NULL)
		return false;
	all.stored += cap - c->cap;
	c->data = p;
	c->cap = cap;
	return true;
}

/*
 * Lets libfcgi decode the parameters. On an error, libfcgi would close its
 * input descriptor. Errors are not expected, because the bytes were checked.
 */
static enum conn_input
decode(struct conn *c)
{
	if (c->in_file) {
		record_end(&c->reader, input.map + input.len);
		input.len += RECORD_HEADER;
	}
	c->fx.ipcFd = input.fd;
	/*
	 * Without this, FCGX_Accept_r() closes the descriptor before it reads.
	 */
	c->fx.keepConnection = 1;
	if (input_begin() && FCGX_Accept_r(&c->fx) == 0)
		return CONN_REQUEST;
	log_error("connection", "libfcgi rejected a valid request");
	if (c->fx.ipcFd < 0)
		input.fd = -1;
	input_close();
	return refuse_conn(c, "the request could not be decoded");
}

/* Takes a piece of a large body from the reader. */
static void
add_body(void *arg, const uint8_t *p, size_t n)
{
	struct conn *c = arg;

	if (c->reader.body > RECORD_BODY_MAX)
		body_file_close(&c->body);
	else
		body_file_add(&c->body, p, n);
}

/* Frees the memory of stored bytes of a body. */
static void
stored_shrink(struct conn *c)
{
	size_t cap = c->reader.head + 1;
	uint8_t *p = cap < c->cap ? realloc(c->data, cap) : NULL;

	if (p == NULL)
		return;
	all.stored -= c->cap - cap;
	c->data = p;
	c->cap = cap;
}

/*
 * Moves the body to a file. Reads the stored bytes, and the n bytes that were
 * received after them, once more to find it.
 */
static void
body_to_file(struct conn *c, const uint8_t *at, size_t n)
{
	struct record_reader again;
	size_t used;

	record_init(&again);
	again.body_fn = add_body;
	again.body_arg = c;
	body_file_open(&c->body, all.dir);
	record_feed(&again, c->data, c->len, &used);
	record_feed(&again, at, n, &used);
	c->reader = again;
	c->in_file = true;
	if (c->cap > 0)
		stored_shrink(c);
}

/*
 * Receives into the shared buffer if nothing more of the request is stored,
 * else after the stored bytes.
 */
static ssize_t
receive(struct conn *c, uint8_t **at)
{
	if (c->cap == 0 || c->in_file) {
		*at = input.map;
		return recv(c->fd, *at, INPUT_MAX, MSG_DONTWAIT);
	}
	*at = c->data + c->len;
	return recv(c->fd, *at, c->cap - c->len, MSG_DONTWAIT);
}

/* Stores the received bytes. Those of a large body are in its file. */
static bool
store_bytes(struct conn *c, const uint8_t *at, size_t n, bool complete)
{
	bool fresh = c->cap == 0;
	size_t len = c->len + n;

	if (c->reader.body > RECORD_BODY_MEMORY && !c->in_file)
		body_to_file(c, at, n);
	if (c->in_file)
		len = c->reader.head;
	if (complete) {
		if (!fresh)
			memcpy(input.map, c->data, len);
		stored_free(c);
		input.len = len;
		return true;
	}
	if (len >= c->cap && !stored_grow(c, len + 1))
		return false;
	if (fresh)
		memcpy(c->data, input.map, len);
	c->len = len;
	c->heard = clock_mono();
	return true;
}

enum conn_input
conn_read(struct conn *c)
{
	enum record_verdict verdict;
	size_t used;
	uint8_t *at;
	ssize_t n;

	if (c->busy)
		return CONN_WAIT;
	if (input.map == NULL && !input_open())
		return refuse_conn(c, "out of memory");
	n = receive(c, &at);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return CONN_WAIT;
	if (n <= 0) {
		conn_close(c);
		return CONN_CLOSED;
	}
	verdict = record_feed(&c->reader, at, (size_t)n, &used);
	if (verdict == RECORD_INVALID || used < (size_t)n)
		return refuse_conn(c, "the data is not a valid request");
	if (!store_bytes(c, at, (size_t)n, verdict == RECORD_COMPLETE))
		return refuse_conn(c, "out of memory");
	return verdict == RECORD_COMPLETE ? decode(c) : CONN_WAIT;
}

/*
 * Reads the body to its end, or takes the file that it was written to. Returns
 * false if libfcgi does not find the end where record.h found it.
 */
static bool
body_read(struct conn *c, struct req *req)
{
	FCGX_Stream *in = c->fx.in;
	size_t n = 0;
	char *raw;

	req->raw = "";
	if (!c->in_file)
		n = (size_t)c->reader.body;
	raw = arena_alloc(&req->arena, n + 1);
	if (FCGX_GetStr(raw, (int)n, in) != (int)n ||
	    FCGX_GetChar(in) != EOF || FCGX_GetError(in) != 0)
		return false;
	raw[n] = '\0';
	req->raw = c->in_file ? NULL : raw;
	req->raw_len = (size_t)c->reader.body;
	req->body_file = c->body;
	c->body = (struct body_file){ .rc = RC_OK };
	return true;
}

static void
response_begin(struct conn *c)
{
	input_trim();
	wait_end(c);
	c->busy = true;
}

bool
conn_take(struct conn *c, struct req *req)
{
	bool known = req_params(req, c->fx.envp);
	bool whole = body_read(c, req);
	uint64_t length;

	response_begin(c);
	if (!whole) {
		log_error("connection", "libfcgi did not read all of a body");
		c->fx.keepConnection = 0;
		req->rc = err_set(&req->err, RC_FAULT, NULL, NULL);
	} else if (!record_length(FCGX_GetParam("CONTENT_LENGTH", c->fx.envp),
	    &length) || length != c->reader.body) {
		c->fx.keepConnection = 0;
		req->rc = err_set(&req->err, RC_BAD, NULL,
		    "Content-Length does not match the length of the body");
	} else if (length > RECORD_BODY_MAX) {
		req->rc = err_set(&req->err, RC_TOO_LARGE, NULL, NULL);
	} else if (!known) {
		req->rc = err_set(&req->err, RC_NOT_FOUND, NULL, NULL);
	} else if (req->body_file.rc != RC_OK) {
		req->rc = err_set(&req->err, req->body_file.rc, NULL, NULL);
	} else {
		return true;
	}
	return false;
}

void
conn_refuse(struct conn *c, const char *data, size_t n)
{
	response_begin(c);
	c->fx.keepConnection = 0;
	c->failed = !conn_writable(c);
	conn_put(c, data, n, true);
	conn_finish(c);
}

int
conn_fd(const struct conn *c)
{
	return c->fd;
}

bool
conn_writable(const struct conn *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLOUT };

	return poll(&p, 1, 0) != 0;
}

/* Sends a record of a response, and the end of the response if it is ended. */
static void
send_record(struct conn *c, const char *data, size_t n)
{
	uint8_t header[RECORD_HEADER], end[RECORD_RESPONSE_END];
	struct iovec v[] = {
		{ header, n > 0 ? sizeof(header) : 0 },
		{ (char *)(uintptr_t)data, n },
		{ end, c->ended ? sizeof(end) : 0 },
	};

	record_stdout(&c->reader, n, header);
	record_response_end(&c->reader, end);
	if (c->failed || write_all_vec(c->fd, v, NELEM(v)))
		return;
	c->failed = true;
	c->stalled = errno == EAGAIN;
}

bool
conn_put(struct conn *c, const char *data, size_t n, bool last)
{
	size_t k;

	do {
		k = n < RECORD_CONTENT_MAX ? n : RECORD_CONTENT_MAX;
		c->ended = last && k == n;
		send_record(c, data, k);
		data += k;
		n -= k;
	} while (n > 0 && !c->failed);
	return !c->failed;
}

void
conn_finish(struct conn *c)
{
	if (!c->ended)
		conn_put(c, "", 0, true);
	if (c->stalled)
		log_warn("connection", "closed: nginx does not read a "
		    "response");
	if (c->failed || !c->fx.keepConnection) {
		conn_close(c);
		return;
	}
	FCGX_Free(&c->fx, 0);
	c->busy = c->ended = false;
	body_end(c);
	record_init(&c->reader);
	wait_begin(c);
}

void
conn_expire(int64_t now)
{
	while (all.first != NULL && all.first->since < now - ARRIVE_US)
		if (all.first->cap > 0)
			refuse_conn(all.first,
			    "the request did not arrive in time");
		else
			conn_close(all.first);
}
