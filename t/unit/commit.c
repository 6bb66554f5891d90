/* commit: a request that fails in a group does not affect the others. */
#include "unit.h"

#include "test_db.h"

#include "fcgi/core/guard.h"

#define MEMORY	((size_t)64 * 1024)	/* bytes in the arena of each request */
#define MEMBERS	4

static struct test_db f;

static enum rc
add_entry(struct req *req, const char *question)
{
	struct stmt *q = stmt_get(req->db, Q_FAQ_ADD);

	stmt_text(q, ":category", "c");
	stmt_text(q, ":question", question);
	stmt_text(q, ":answer", "a");
	stmt_int(q, ":position", 1);
	stmt_int(q, ":published", 1);
	stmt_int(q, ":now", 1);
	return stmt_run(q);
}

static enum rc
well(struct req *req)
{
	json_write_obj(&req->j, NULL);
	json_write_obj_end(&req->j);
	return add_entry(req, "well");
}

/* Inserts a row, then exceeds the memory of the request. */
static enum rc
arena_after_a_row(struct req *req)
{
	enum rc rc = add_entry(req, "arena");

	arena_alloc(&req->arena, MEMORY + 1);
	return rc;
}

/* Fails in a statement. The handler returns that result. */
static enum rc
arena_before_a_row(struct req *req)
{
	arena_alloc(&req->arena, MEMORY + 1);
	return add_entry(req, "arena");
}

/* Fails with writes to keep, which are undone if the memory was exceeded. */
static enum rc
kept_failure(struct req *req)
{
	req->keep_writes = true;
	add_entry(req, "kept");
	arena_alloc(&req->arena, MEMORY + 1);
	return err_set(&req->err, RC_BAD, NULL, NULL);
}

static enum rc
long_response(struct req *req)
{
	buf_reserve(req->out, req->out->max + 1);
	return add_entry(req, "response");
}

static enum rc
rejected(struct req *req)
{
	add_entry(req, "rejected");
	return err_set(&req->err, RC_CONFLICT, NULL, NULL);
}

/* A file that before() has made. */
static int files;

static void
remove_file(struct req *req)
{
	(void)req;
	files--;
}

static enum rc
make_file(struct req *req)
{
	files++;
	req->undo = remove_file;
	return RC_OK;
}

static enum rc
make_file_and_exceed(struct req *req)
{
	make_file(req);
	arena_alloc(&req->arena, MEMORY + 1);
	return RC_OK;
}

static enum rc
make_file_and_fail(struct req *req)
{
	make_file(req);
	return err_set(&req->err, RC_FULL, NULL, NULL);
}

static int64_t
entries(void)
{
	struct stmt *q;
	int64_t n = 0;

	assert_int_equal(db_read(f.db), RC_OK);
	q = stmt_get(f.db, Q_FAQ_LIST);
	stmt_int(q, ":drafts", 0);
	stmt_int(q, ":position", INT64_MIN);
	stmt_int(q, ":id", INT64_MIN);
	stmt_int(q, ":limit", 100);
	stmt_int(q, ":offset", 0);
	for (; stmt_row(q); n++)
		assert_string_equal(stmt_col_peek(q, 2), "well");
	assert_int_equal(stmt_done(q), RC_OK);
	db_read_end(f.db);
	return n;
}

/* Commits `handler` between requests that succeed. */
static void
in_a_group(enum rc (*handler)(struct req *))
{
	static const struct conf conf;
	const struct route good = { .tx = TX_WRITE, .handler = well };
	const struct route bad = { .tx = TX_WRITE, .handler = handler };
	static struct req v[MEMBERS];
	struct req *reqs[MEMBERS];
	int64_t before = entries();
	size_t i;

	for (i = 0; i < MEMBERS; i++) {
		reqs[i] = &v[i];
		req_init(reqs[i], f.db, &conf);
		v[i].arena.limit = MEMORY;
		v[i].route = i == 1 ? &bad : &good;
	}
	guard_commit_group(f.db, reqs, MEMBERS);
	for (i = 0; i < MEMBERS; i++)
		assert_int_equal(v[i].rc, i == 1 ? RC_FAULT : RC_OK);
	assert_int_equal(entries(), before + MEMBERS - 1);
	for (i = 0; i < MEMBERS; i++) {
		req_reset(reqs[i]);
		req_trim(reqs[i]);
	}
}

static void
exceeding_the_arena_fails_one_member(void **state)
{
	(void)state;
	in_a_group(arena_after_a_row);
	in_a_group(arena_before_a_row);
	in_a_group(kept_failure);
}

static void
exceeding_the_response_fails_one_member(void **state)
{
	(void)state;
	in_a_group(long_response);
}

/* Runs a request as the pool does. Returns the number of files that remain. */
static int
files_after(enum rc (*before)(struct req *), enum rc (*handler)(struct req *),
    enum rc expected)
{
	static const struct conf conf;
	const struct route routes[] = {
		{ .method = "POST", .path = "/file", .prefix = PREFIX_NONE,
		    .role = ROLE_OPEN, .tx = TX_WRITE, .before = before,
		    .handler = handler },
	};
	const struct route_table table = ROUTE_TABLE(routes);
	const struct route_table *const tables[] = { &table, NULL };
	struct loop_pass pass = { .db = f.db };
	static struct req req;
	struct req *group[] = { &req };
	const char *allow = NULL;

	files = 0;
	req_init(&req, f.db, &conf);
	req.arena.limit = MEMORY;
	req.method = "POST";
	req.path = "/file";
	req.query_text = req.raw = "";
	if (!guard(&req, &pass, tables, &allow))
		guard_commit_group(f.db, group, 1);
	guard_pass_end(&pass);
	assert_int_equal(req.rc, expected);
	req_reset(&req);
	req_trim(&req);
	return files;
}

static void
a_file_remains_only_after_a_success(void **state)
{
	int64_t before = entries();

	(void)state;
	assert_int_equal(files_after(make_file, well, RC_OK), 1);
	assert_int_equal(entries(), before + 1);
	assert_int_equal(files_after(make_file, rejected, RC_CONFLICT), 0);
	assert_int_equal(files_after(make_file, arena_after_a_row, RC_FAULT),
	    0);
	assert_int_equal(files_after(make_file, long_response, RC_FAULT), 0);
	assert_int_equal(files_after(make_file_and_exceed, well, RC_FAULT), 0);
	assert_int_equal(files_after(make_file_and_fail, well, RC_FULL), 0);
	assert_int_equal(entries(), before + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exceeding_the_arena_fails_one_member),
		cmocka_unit_test(exceeding_the_response_fails_one_member),
		cmocka_unit_test(a_file_remains_only_after_a_success),
	};
	int failed;

	test_db_open(&f);
	log_init("unit", LOG_ERROR + 1);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	test_db_close(&f);
	return failed;
}
