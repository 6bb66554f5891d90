/* metric: counters shared by processes. */
#include "temp_folder.h"

#include "base/metric.h"
#include "base/shared_map.h"
#include "base/str.h"

static const char *path;

static int
set_up(void **state)
{
	(void)state;
	if (temp_folder_create() != 0)
		return -1;
	path = temp_folder_path("metrics");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	return temp_folder_remove();
}

static void
without_a_file_a_series_is_a_dummy(void **state)
{
	metric *m = metric_get("x_total");
	struct buf out;

	(void)state;
	assert_non_null(m);
	metric_add(m, 3);
	buf_init(&out, 1 << 20);
	metric_dump(&out);
	assert_int_equal(out.len, 0);
	buf_free(&out);
	assert_false(metric_open("/nowhere"));
}

static void
a_foreign_file_is_replaced(void **state)
{
	int fd = open(path, O_CREAT | O_WRONLY, 0600);

	(void)state;
	assert_int_equal(write(fd, "garbage", 7), 7);
	close(fd);
	assert_true(metric_open(temp_folder));
	assert_true(metric_open(temp_folder));
}

/* Many processes create the same series and count in it. */
static void
counts_of_all_processes_add_up(void **state)
{
	int i, n, status;
	metric *m;

	(void)state;
	for (i = 0; i < 8; i++) {
		if (fork() != 0)
			continue;
		for (n = 0; n < 50; n++) {
			m = metric_get("race_total{n=\"%d\"}", n);
			for (int k = 0; k < 1000; k++)
				metric_add(m, 1);
		}
		_exit(0);
	}
	for (i = 0; i < 8; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	for (n = 0; n < 50; n++)
		assert_int_equal(*metric_get("race_total{n=\"%d\"}", n), 8000);
}

/* A process may be stopped while it creates a series. */
static void
a_series_that_exists_needs_no_lock(void **state)
{
	metric *m = metric_get("race_total{n=\"1\"}");
	int fds[2], lock;
	pid_t holder;
	char c;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	holder = fork();
	if (holder == 0) {
		lock = open(path, O_RDWR);
		shared_map_lock(lock);
		if (write(fds[1], "x", 1) != 1)
			_exit(1);
		alarm(20);
		pause();
		_exit(0);
	}
	assert_int_equal(read(fds[0], &c, 1), 1);
	alarm(10);
	assert_ptr_equal(metric_get("race_total{n=\"1\"}"), m);
	alarm(0);
	kill(holder, SIGKILL);
	assert_int_equal(waitpid(holder, NULL, 0), holder);
	close(fds[0]);
	close(fds[1]);
}

static void
a_dump_is_sorted_by_family(void **state)
{
	struct buf out;
	char *a, *b, *c, *d;

	(void)state;
	metric_set(metric_get("a_total_more"), 1);
	metric_set(metric_get("a_total{route=\"/y\"}"), 2);
	metric_set(metric_get("a_total{route=\"/x\"}"), 3);
	metric_set(metric_get("a_total"), 18446744073709551615u);
	buf_init(&out, 1 << 20);
	metric_dump(&out);
	a = strstr(out.data, "a_total 18446744073709551615\n");
	b = strstr(out.data, "a_total{route=\"/x\"} 3\n");
	c = strstr(out.data, "a_total{route=\"/y\"} 2\n");
	d = strstr(out.data, "a_total_more 1\n");
	assert_true(a != NULL && a < b && b < c && c < d);
	buf_free(&out);
}

/* Series with these names count microseconds and are written in seconds. */
static void
a_sum_of_seconds_is_written_in_seconds(void **state)
{
	struct buf out;

	(void)state;
	metric_set(metric_get("a_seconds_sum{pool=\"x\"}"), 12000345);
	buf_init(&out, 1 << 20);
	metric_dump(&out);
	assert_non_null(strstr(out.data,
	    "a_seconds_sum{pool=\"x\"} 12.000345\n"));
	buf_free(&out);
}

static void
each_family_says_what_it_is(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 20);
	metric_expose("earmark_users{status=\"x\"} 1\n"
	    "earmark_http_request_duration_seconds_count{pool=\"x\"} 2\n"
	    "earmark_users_total 9\nearmark_users{status=\"y\"} 3\n"
	    "earmark_http_request_duration_seconds_bucket{pool=\"x\"} 4\n"
	    "earmark_db_commits_total 5\nearmark_db_commits_total_cut 5",
	    &out);
	assert_string_equal(out.data,
	    "# HELP earmark_http_request_duration_seconds Duration of "
	    "requests.\n"
	    "# TYPE earmark_http_request_duration_seconds histogram\n"
	    "earmark_http_request_duration_seconds_count{pool=\"x\"} 2\n"
	    "earmark_http_request_duration_seconds_bucket{pool=\"x\"} 4\n"
	    "# HELP earmark_db_commits_total Committed write transactions.\n"
	    "# TYPE earmark_db_commits_total counter\n"
	    "earmark_db_commits_total 5\n"
	    "# HELP earmark_users Accounts.\n"
	    "# TYPE earmark_users gauge\n"
	    "earmark_users{status=\"x\"} 1\nearmark_users{status=\"y\"} 3\n");
	buf_free(&out);
}

static void
a_full_table_has_one_overflow_series(void **state)
{
	char name[300];
	metric *m, *over;
	int i;

	(void)state;
	for (i = 0; i < 5000; i++)
		metric_get("fill_%d", i);
	over = metric_get("one_too_many");
	assert_ptr_equal(over, metric_get("two_too_many"));
	assert_ptr_equal(over, metric_get("earmark_metrics_overflow_total"));
	m = metric_get("a_total_more");
	assert_ptr_not_equal(m, over);
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_ptr_equal(over, metric_get("%s", name));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_file_a_series_is_a_dummy),
		cmocka_unit_test(a_foreign_file_is_replaced),
		cmocka_unit_test(counts_of_all_processes_add_up),
		cmocka_unit_test(a_series_that_exists_needs_no_lock),
		cmocka_unit_test(a_dump_is_sorted_by_family),
		cmocka_unit_test(a_sum_of_seconds_is_written_in_seconds),
		cmocka_unit_test(each_family_says_what_it_is),
		cmocka_unit_test(a_full_table_has_one_overflow_series),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
