/* spool: responses in slices, in memory or in a file. */
#include "unit.h"

#include "test_db.h"

#include <sys/file.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/shared_map.h"
#include "fcgi/core/spool.h"
#include "fcgi/core/spool_table.h"

#define WORD	"0123456789abcdef"
#define WORDS	1000			/* of a batch: 16 KB */
#define TOTAL	(INT64_C(1) << 30)
#define REQS	(SPOOL_MAX + 2)
#define PAUSE	20000			/* more than the pause between two slices, in us */

int64_t __real_clock_mono(void);
int64_t __wrap_clock_mono(void);

static int64_t ahead;			/* offset of the clock, in us */
static struct test_db f;
static struct conf conf;
static struct req reqs[REQS];

int64_t
__wrap_clock_mono(void)
{
	/* Ends each slice after some batches, regardless of their speed. */
	return __real_clock_mono() + (ahead += 100);
}

int __real_statvfs(const char *, struct statvfs *);
int __wrap_statvfs(const char *, struct statvfs *);

static bool full;			/* the disk has little space */

int
__wrap_statvfs(const char *path, struct statvfs *fs)
{
	int result = __real_statvfs(path, fs);

	if (full)
		fs->f_bavail = (200 << 20) / fs->f_frsize;
	return result;
}

struct words {
	int batch, batches;
	enum rc rc;			/* result after the last batch */
	size_t extra;			/* bytes that each batch allocates */
};

static enum rc
batch(struct req *req, void *state, struct arena *a, bool *more)
{
	struct words *w = state;
	int i;

	if (w->batch == w->batches && w->rc != RC_OK)
		return w->rc;
	arena_alloc(a, w->extra);
	if (w->batch++ == 0)
		json_write_arr(&req->j, NULL);
	for (i = 0; i < WORDS; i++)
		json_write_str(&req->j, NULL, WORD);
	if (w->batch == w->batches && w->rc == RC_OK) {
		json_write_arr_end(&req->j);
		*more = false;
	}
	return RC_OK;
}

/* Starts in a read transaction, as the pool does. */
static enum rc
start(struct req *req, struct words words)
{
	struct words *w;
	enum rc rc;

	req_init(req, f.db, &conf);
	w = arena_new(&req->arena, struct words);
	*w = words;
	assert_int_equal(db_read(f.db), RC_OK);
	rc = req->rc = spool_start(req, batch, w);
	db_read_end(f.db);
	return rc;
}

static void
end(struct req *req)
{
	spool_end(req);
	req_reset(req);
	req_trim(req);
}

/* Runs steps until the response is complete. */
static void
finish(struct req *req)
{
	bool idle;

	while (!spool_step(req, &idle))
		if (idle)
			usleep(1000);
}

/* Runs steps of two responses: the turn may go from one to the other. */
static void
finish_both(struct req *a, struct req *b)
{
	bool idle, a_done = false, b_done = false;

	while (!a_done || !b_done) {
		if (!a_done)
			a_done = spool_step(a, &idle);
		if (!b_done)
			b_done = spool_step(b, &idle);
	}
}

static size_t
length(int batches)
{
	return (size_t)batches * WORDS * (sizeof(WORD) + 2) + 1;
}

static void
a_small_response_is_complete_at_once(void **state)
{
	(void)state;
	assert_int_equal(start(&reqs[0], (struct words){ .batches = 3 }),
	    RC_OK);
	assert_null(reqs[0].spool);
	assert_int_equal(reqs[0].out->len, length(3));
	end(&reqs[0]);
}

static void
a_large_response_is_in_a_file_without_a_name(void **state)
{
	static char got[4096];
	struct req *req = &reqs[0];
	size_t all = 0;
	ssize_t n;

	(void)state;
	assert_int_equal(start(req, (struct words){ .batches = 500 }), RC_OK);
	assert_non_null(req->spool);
	finish(req);
	assert_int_equal(req->rc, RC_OK);
	assert_non_null(req->spool);
	assert_int_equal(spool_size(req->spool), length(500));
	assert_int_equal(rmdir(conf.spool_dir), 0);	/* empty */
	while ((n = spool_read(req->spool, got, sizeof(got))) > 0) {
		if (all == 0)
			assert_memory_equal(got, "[\"" WORD "\",\"" WORD, 36);
		all += (size_t)n;
	}
	assert_int_equal(n, 0);
	assert_int_equal(all, length(500));
	end(req);
}

static void
a_failing_batch_is_the_result(void **state)
{
	static const enum rc results[] = { RC_BUSY, RC_FAULT,
		RC_NOT_MODIFIED };
	struct req *req = &reqs[0];
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(results); i++) {
		struct words words = { .batches = 2, .rc = results[i] };

		assert_int_equal(start(req, words), results[i]);
		assert_null(req->spool);
		end(req);
		words.batches = 100;
		assert_int_equal(start(req, words), RC_OK);
		assert_non_null(req->spool);
		finish(req);
		assert_int_equal(req->rc, results[i]);
		assert_null(req->spool);
		end(req);
	}
}

static void
exceeding_the_memory_of_a_batch_is_a_failure(void **state)
{
	struct req *req = &reqs[0];

	(void)state;
	assert_int_equal(start(req, (struct words){ .batches = 2,
	    .extra = 9 << 20 }), RC_FAULT);
	end(req);
	/* Each batch has an arena of its own. */
	assert_int_equal(start(req, (struct words){ .batches = 100,
	    .extra = 7 << 20 }), RC_OK);
	finish(req);
	assert_int_equal(req->rc, RC_OK);
	end(req);
}

static void
one_is_produced_at_a_time(void **state)
{
	bool idle;

	(void)state;
	ahead += PAUSE;
	start(&reqs[0], (struct words){ .batches = 500 });
	start(&reqs[1], (struct words){ .batches = 500 });
	/* The first one goes first. */
	assert_false(spool_step(&reqs[1], &idle));
	assert_true(idle);
	assert_false(spool_step(&reqs[0], &idle));
	assert_false(idle);
	assert_false(spool_step(&reqs[1], &idle));
	assert_true(idle);
	finish_both(&reqs[0], &reqs[1]);
	assert_int_equal(spool_size(reqs[0].spool), length(500));
	assert_int_equal(spool_size(reqs[1].spool), length(500));
	end(&reqs[1]);
	end(&reqs[0]);
	/* A response that ends early releases the lock. */
	start(&reqs[0], (struct words){ .batches = 500 });
	start(&reqs[1], (struct words){ .batches = 500 });
	ahead += PAUSE;
	assert_false(spool_step(&reqs[0], &idle));
	end(&reqs[0]);
	finish(&reqs[1]);
	assert_int_equal(reqs[1].rc, RC_OK);
	end(&reqs[1]);
}

/* A response that takes long does not keep the others waiting. */
static void
the_turn_goes_round(void **state)
{
	int i, n, had[3] = { 0 };
	bool idle;

	(void)state;
	for (i = 0; i < 3; i++)
		start(&reqs[i], (struct words){ .batches = 5000 });
	for (n = 0; n < 30; n++) {
		for (i = 0; i < 3; i++) {
			assert_false(spool_step(&reqs[i], &idle));
			had[i] += !idle;
		}
		ahead += SPOOL_TURN_MS * 400;
	}
	for (i = 0; i < 3; i++) {
		assert_true(had[i] >= 5);
		end(&reqs[i]);
	}
}

/*
 * A process that ends without a word keeps nothing. This is the first one: the
 * processes must not share descriptors.
 */
static void
a_dead_worker_gives_its_place_away(void **state)
{
	struct req *req = &reqs[0];
	int status, slot;
	bool idle;

	(void)state;
	if (fork() == 0)
		_exit(spool_table_claim(&conf, 77, &slot) != SPOOL_CLAIMED ||
		    !spool_table_turn(slot));
	assert_true(wait(&status) > 0);
	assert_int_equal(status, 0);
	start(req, (struct words){ .batches = 100 });
	assert_false(spool_step(req, &idle));
	assert_false(idle);
	finish(req);
	assert_int_equal(req->rc, RC_OK);
	end(req);
}

/* A worker that is killed while it takes or gives back a slot. */
static void
a_worker_that_dies_in_the_table_does_not_stop_others(void **state)
{
	struct {
		int64_t tickets;
		struct { int64_t used, user, ticket, bytes; } slot[SPOOL_SLOTS];
	} *table;
	int slot;

	(void)state;
	table = shared_map_open(conf.run_dir, "spools", "earmark spool2",
	    sizeof(*table), NULL);
	assert_non_null(table);
	assert_int_equal(spool_table_claim(&conf, 5, &slot), SPOOL_CLAIMED);
	table->slot[40].ticket = 1;
	assert_true(spool_table_turn(slot));
	assert_int_equal(table->slot[40].ticket, 0);
	spool_table_release(slot);
}

static void
a_user_has_one_at_a_time(void **state)
{
	int slot, other, next;

	(void)state;
	assert_int_equal(spool_table_claim(&conf, 5, &slot), SPOOL_CLAIMED);
	assert_int_equal(spool_table_claim(&conf, 5, &other), SPOOL_SAME_USER);
	assert_int_equal(spool_table_claim(&conf, 6, &other), SPOOL_CLAIMED);
	spool_table_produced(slot);
	assert_int_equal(spool_table_claim(&conf, 5, &next), SPOOL_SAME_USER);
	spool_table_release(slot);
	assert_int_equal(spool_table_claim(&conf, 5, &next), SPOOL_CLAIMED);
	spool_table_release(next);
	spool_table_release(other);
}

static void
the_machine_has_a_bound(void **state)
{
	int slots[SPOOL_SLOTS], other, i;

	(void)state;
	for (i = 0; i < SPOOL_SLOTS; i++)
		assert_int_equal(spool_table_claim(&conf, i + 1, &slots[i]),
		    SPOOL_CLAIMED);
	assert_int_equal(spool_table_claim(&conf, i + 1, &other),
	    SPOOL_NO_SLOT);
	assert_int_equal(spool_table_add(slots[0], 1000), 1000);
	assert_int_equal(spool_table_add(slots[1], 1000), 2000);
	spool_table_release(slots[0]);
	assert_int_equal(spool_table_add(slots[1], 0), 1000);
	for (i = 1; i < SPOOL_SLOTS; i++)
		spool_table_release(slots[i]);
}

static void
bytes_beyond_the_maximum_are_busy(void **state)
{
	struct req *req = &reqs[0];
	int slot;

	(void)state;
	conf.large_total = (int64_t)length(200);
	/* Its own share, then all of them. */
	start(req, (struct words){ .batches = 100 });
	finish(req);
	assert_int_equal(req->rc, RC_BUSY);
	assert_true(req->err.retry_after > 0);
	end(req);
	conf.large_total = 8 * (int64_t)length(100);
	assert_int_equal(spool_table_claim(&conf, 5, &slot), SPOOL_CLAIMED);
	spool_table_produced(slot);
	spool_table_add(slot, 7 * (int64_t)length(100) + 1000);
	start(req, (struct words){ .batches = 100 });
	finish(req);
	assert_int_equal(req->rc, RC_BUSY);
	end(req);
	spool_table_release(slot);
	start(req, (struct words){ .batches = 100 });
	finish(req);
	assert_int_equal(req->rc, RC_OK);
	end(req);
	conf.large_total = TOTAL;
}

static void
a_part_of_the_disk_is_left_free(void **state)
{
	struct req *req = &reqs[0];

	(void)state;
	full = true;
	start(req, (struct words){ .batches = 100 });
	finish(req);
	full = false;
	assert_int_equal(req->rc, RC_FULL);
	end(req);
}

static bool
take(void *taken, const char *data, size_t n)
{
	(void)data;
	*(size_t *)taken += n;
	return true;
}

/* Counts bytes, and the calls in which the user may start another response. */
struct taken {
	size_t bytes;
	int calls, free;		/* free: the number of the first one */
};

static bool
take_and_claim(void *arg, const char *data, size_t n)
{
	struct taken *taken = arg;
	int slot;

	(void)data;
	taken->bytes += n;
	taken->calls++;
	if (spool_table_claim(&conf, 5, &slot) == SPOOL_CLAIMED) {
		spool_table_release(slot);
		if (taken->free == 0)
			taken->free = taken->calls;
	}
	return true;
}

static void
a_client_that_has_all_bytes_may_request_more(void **state)
{
	struct req *req = &reqs[0];
	struct taken taken;
	int pair[2], head;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	for (head = 0; head < 2; head++) {
		taken = (struct taken){ 0 };
		req->actor.user = 5;
		start(req, (struct words){ .batches = 500 });
		req->actor.user = 0;	/* no account to check again */
		finish(req);
		req->head = head != 0;
		while (spool_pass(req, pair[0], take_and_claim, &taken) ==
		    SPOOL_BUSY)
			;
		assert_null(req->spool);
		assert_int_equal(taken.bytes > length(500), head == 0);
		assert_int_equal(taken.free, taken.calls);
		end(req);
	}
	close(pair[0]);
	close(pair[1]);
}

static void
a_client_that_hardly_reads_is_cut_off(void **state)
{
	struct req *req = &reqs[0];
	size_t taken = 0;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	start(req, (struct words){ .batches = 500 });
	finish(req);
	while (spool_pass(req, pair[0], take, &taken) == SPOOL_BUSY &&
	    taken < 600000)
		;
	/* It took enough in this window, and nothing in the next. */
	ahead += 31 * INT64_C(1000000);
	assert_int_equal(spool_pass(req, pair[0], take, &taken), SPOOL_BUSY);
	ahead += 31 * INT64_C(1000000);
	assert_int_equal(spool_pass(req, pair[0], take, &taken), SPOOL_GONE);
	assert_null(req->spool);
	end(req);
	/* One that is quick until it would be read for too long. */
	start(req, (struct words){ .batches = 500 });
	finish(req);
	ahead += 1;
	assert_int_equal(spool_pass(req, pair[0], take, &taken), SPOOL_BUSY);
	ahead += 601 * INT64_C(1000000);
	assert_int_equal(spool_pass(req, pair[0], take, &taken), SPOOL_GONE);
	end(req);
	close(pair[0]);
	close(pair[1]);
}

static void
too_many_are_busy(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < SPOOL_MAX; i++)
		assert_int_equal(start(&reqs[i], (struct words){ .batches =
		    100 }), RC_OK);
	assert_int_equal(start(&reqs[i], (struct words){ .batches = 100 }),
	    RC_BUSY);
	assert_true(reqs[i].err.retry_after > 0);
	assert_null(reqs[i].spool);
	/* Small responses need no slot. */
	assert_int_equal(start(&reqs[i + 1], (struct words){ .batches = 1 }),
	    RC_OK);
	/* A complete response that is being sent does not count. */
	finish(&reqs[0]);
	assert_non_null(reqs[0].spool);
	end(&reqs[i]);
	assert_int_equal(start(&reqs[i], (struct words){ .batches = 100 }),
	    RC_OK);
	for (i = 0; i < REQS; i++)
		end(&reqs[i]);
	assert_int_equal(start(&reqs[0], (struct words){ .batches = 100 }),
	    RC_OK);
	end(&reqs[0]);
}

/* Another process holds the lock and does not release it. */
static void
the_wait_for_a_turn_is_bounded(void **state)
{
	struct req *req = &reqs[0];
	char name[128];
	bool idle;
	int fd;

	(void)state;
	snprintf(name, sizeof(name), "%s/spool.lock", f.dir);
	fd = open(name, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	start(req, (struct words){ .batches = 100 });
	assert_false(spool_step(req, &idle));
	assert_true(idle);
	ahead += (SPOOL_WAIT_MS - 1000) * INT64_C(1000);
	assert_false(spool_step(req, &idle));
	ahead += 1000000;
	assert_true(spool_step(req, &idle));
	assert_int_equal(req->rc, RC_BUSY);
	assert_true(req->err.retry_after > 0);
	assert_null(req->spool);
	end(req);
	close(fd);
}

/* This is the last one: a process does not begin again. */
static void
an_ending_worker_refuses_what_is_not_begun(void **state)
{
	bool idle;

	(void)state;
	start(&reqs[0], (struct words){ .batches = 500 });
	start(&reqs[1], (struct words){ .batches = 500 });
	assert_false(spool_step(&reqs[0], &idle));
	spool_drain(false);
	assert_true(spool_step(&reqs[1], &idle));
	assert_int_equal(reqs[1].rc, RC_BUSY);
	assert_true(reqs[1].err.retry_after > 0);
	assert_null(reqs[1].spool);
	assert_false(spool_step(&reqs[0], &idle));
	assert_false(idle);
	spool_drain(true);
	assert_true(spool_step(&reqs[0], &idle));
	assert_int_equal(reqs[0].rc, RC_BUSY);
	end(&reqs[0]);
	end(&reqs[1]);
	assert_int_equal(start(&reqs[0], (struct words){ .batches = 100 }),
	    RC_BUSY);
	end(&reqs[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dead_worker_gives_its_place_away),
		cmocka_unit_test(a_small_response_is_complete_at_once),
		cmocka_unit_test(a_large_response_is_in_a_file_without_a_name),
		cmocka_unit_test(a_failing_batch_is_the_result),
		cmocka_unit_test(exceeding_the_memory_of_a_batch_is_a_failure),
		cmocka_unit_test(one_is_produced_at_a_time),
		cmocka_unit_test(the_turn_goes_round),
		cmocka_unit_test(
		    a_worker_that_dies_in_the_table_does_not_stop_others),
		cmocka_unit_test(a_user_has_one_at_a_time),
		cmocka_unit_test(the_machine_has_a_bound),
		cmocka_unit_test(bytes_beyond_the_maximum_are_busy),
		cmocka_unit_test(a_part_of_the_disk_is_left_free),
		cmocka_unit_test(a_client_that_has_all_bytes_may_request_more),
		cmocka_unit_test(a_client_that_hardly_reads_is_cut_off),
		cmocka_unit_test(too_many_are_busy),
		cmocka_unit_test(the_wait_for_a_turn_is_bounded),
		cmocka_unit_test(an_ending_worker_refuses_what_is_not_begun),
	};
	char dir[128], lock[128];
	int failed;

	test_db_open(&f);
	log_init("unit", LOG_ERROR + 1);
	snprintf(dir, sizeof(dir), "%s/spool", f.dir);
	snprintf(lock, sizeof(lock), "%s/spool.lock", f.dir);
	conf.run_dir = f.dir;
	conf.spool_dir = dir;
	conf.large_total = TOTAL;
	conf.cors_origins = "";
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(lock);
	snprintf(lock, sizeof(lock), "%s/spools", f.dir);
	unlink(lock);
	rmdir(dir);
	test_db_close(&f);
	return failed;
}
