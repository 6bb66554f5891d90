/*
 * Fuzzes a whole connection as nginx sends it: records, libfcgi, parameters,
 * route, guard, response. The first byte is the size of the pieces in which
 * the other bytes arrive.
 */
#include "fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "fcgi/core/conn.h"
#include "fcgi/core/guard.h"
#include "fcgi/core/record.h"
#include "fcgi/core/resp.h"

struct in {
	const char *name;
	int64_t n;
};

static const struct field fields[] = {
	{ .name = "name", .type = F_STR, .off = offsetof(struct in, name),
	  .max = 64 },
	{ .name = "n", .type = F_INT, .off = offsetof(struct in, n), .dflt = 1,
	  .min = 1, .max = 9 },
};
static const struct field_table table = FIELD_TABLE(fields, struct in);

static enum rc
echo(struct req *req)
{
	const struct in *in = req->body != NULL ? req->body : req->query;

	json_write_obj(&req->j, NULL);
	if (in != NULL && in->name != NULL)
		json_write_str(&req->j, "name", in->name);
	json_write_int(&req->j, "bytes", (int64_t)req->raw_len);
	json_write_obj_end(&req->j);
	return RC_OK;
}

#define ROW(m, p, f, q, b) { .method = m, .path = p, .prefix = PREFIX_APP, \
	    .role = ROLE_OPEN, .tx = TX_NONE, .flags = f, .query = q, \
	    .body = b, .handler = echo }

static const struct route rows[] = {
	ROW("GET", "/user/profile", 0, &table, NULL),
	ROW("PUT", "/user/profile", 0, NULL, &table),
	ROW("POST", "/user/{id}", ROUTE_FORM | ROUTE_BODY_OPT, NULL, &table),
	ROW("PUT", "/user/image", ROUTE_RAW, NULL, NULL),
};
static const struct route_table routes = ROUTE_TABLE(rows);
static const struct route_table *const tables[] = { &routes, NULL };
static const struct conf conf = { .base_url = "http://127.0.0.1:3001",
    .cors_origins = "https://a.example" };

static struct loop_pass turn;
static struct buf written;
static struct req req;

/* Creates an empty database, which these routes do not use. */
static void
init(void)
{
	char dir[] = "/tmp/earmark-fuzz.XXXXXX", file[64], lock[64];
	struct arena a;
	struct err err;

	log_init("fuzz", LOG_ERROR);
	arena_init(&a, 1 << 20);
	err_init(&err, &a);
	MUST(mkdtemp(dir) != NULL);
	snprintf(file, sizeof(file), "%s/db", dir);
	snprintf(lock, sizeof(lock), "%s/lock", dir);
	turn.db = db_open(file, lock, DB_MIGRATE, &err);
	MUST(turn.db != NULL);
	unlink(file);
	unlink(lock);
	snprintf(file, sizeof(file), "%s/db-wal", dir);
	unlink(file);
	snprintf(file, sizeof(file), "%s/db-shm", dir);
	unlink(file);
	rmdir(dir);
	arena_free(&a);
	MUST(conn_init(16, "/tmp"));
	buf_init(&written, 33 << 20);
}

/* Appends the STDIN bytes of a valid request to a buffer. */
static void
body_of(const uint8_t *p, size_t n, struct buf *to)
{
	size_t at, content;

	for (at = 0; at < n; at += 8 + content + p[at + 6]) {
		content = (size_t)p[at + 4] << 8 | p[at + 5];
		if (p[at + 1] == 5)
			buf_add(to, p + at + 8, content);
	}
}

/*
 * Checks that the worker sent records of STDOUT, then END_REQUEST, and nothing
 * else.
 */
static void
must_be_an_answer(int fd)
{
	static uint8_t got[1 << 20];
	size_t at, content;
	ssize_t n = recv(fd, got, sizeof(got), MSG_DONTWAIT);
	bool ended = false;

	MUST(n > 0);
	for (at = 0; at < (size_t)n; at += 8 + content + got[at + 6]) {
		MUST(!ended && (size_t)n - at >= 8 && got[at] == 1);
		content = (size_t)got[at + 4] << 8 | got[at + 5];
		MUST(got[at + 1] == 6 || got[at + 1] == 3);
		ended = got[at + 1] == 3;
		MUST(at > 0 || memcmp(got + 8, "Status: ", 8) == 0);
	}
	MUST(ended && at == (size_t)n);
}

static void
serve(struct conn *c, const uint8_t *p, size_t n, uint64_t body)
{
	const char *allow = NULL;
	struct buf want;

	buf_init(&want, RECORD_BODY_MAX);
	MUST(req_init(&req, turn.db, &conf));
	if (conn_take(c, &req)) {
		body_of(p, n, &want);
		MUST(want.len == body && req.raw_len == body);
		MUST(body == 0 || req.raw == NULL ||
		    memcmp(want.data, req.raw, want.len) == 0);
		MUST(guard(&req, &turn, tables, &allow));
	} else {
		MUST(req.rc == RC_BAD || req.rc == RC_TOO_LARGE ||
		    req.rc == RC_NOT_FOUND);
	}
	resp_write(&req, allow, &written);
	conn_put(c, written.data, written.len, body % 2 == 0);
	conn_finish(c);
	req_reset(&req);
	buf_free(&want);
}

/* Sends n bytes in pieces. Returns the result of the last one. */
static enum conn_input
arrive(struct conn *c, int fd, const uint8_t *p, size_t n, size_t piece)
{
	enum conn_input input = CONN_WAIT;
	size_t at, k;

	for (at = 0; at < n && input == CONN_WAIT; at += k) {
		k = n - at < piece ? n - at : piece;
		MUST(send(fd, p + at, k, MSG_NOSIGNAL) == (ssize_t)k);
		input = conn_read(c);
		MUST(input == CONN_WAIT || at + k == n ||
		    input == CONN_CLOSED);
	}
	return input;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	enum record_verdict verdict = RECORD_COMPLETE;
	size_t piece = n > 0 ? 1 + (size_t)p[0] * 16 : 1, used;
	struct record_reader r;
	enum conn_input input;
	struct conn *c;
	int fds[2];

	if (turn.db == NULL)
		init();
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	if (!conn_reserve())
		abort();
	c = conn_open(fds[0]);
	MUST(c != NULL);
	p += n > 0;
	n -= n > 0;
	while (n > 0 && verdict == RECORD_COMPLETE && c != NULL) {
		record_init(&r);
		verdict = record_feed(&r, p, n, &used);
		if (verdict == RECORD_INVALID)
			used = n;
		input = arrive(c, fds[1], p, used, piece);
		MUST(input == (verdict == RECORD_COMPLETE ? CONN_REQUEST :
		    verdict == RECORD_MORE ? CONN_WAIT : CONN_CLOSED));
		if (input == CONN_REQUEST) {
			serve(c, p, used, r.body);
			must_be_an_answer(fds[1]);
		}
		c = conn_find(fds[0]);
		MUST(c == NULL || input != CONN_CLOSED);
		p += used;
		n -= used;
	}
	if (c != NULL)
		conn_close(c);
	MUST(conn_count() == 0);
	close(fds[1]);
	return 0;
}
