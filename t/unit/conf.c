/* conf: parsing earmark.conf. */
#include "temp_folder.h"

#include "base/conf.h"

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static char said[8192];

static const char *
put(const char *name, const char *text, size_t n)
{
	return temp_folder_put(name, text, n, 0600);
}

/* Loads n bytes as a configuration file. The messages are in said. */
static struct conf *
load_bytes(const char *text, size_t n)
{
	FILE *errs = fmemopen(said, sizeof(said), "w");
	struct conf *c;

	said[0] = '\0';
	c = conf_load(put("earmark.conf", text, n), errs);
	fclose(errs);
	return c;
}

static struct conf *
load(const char *text)
{
	return load_bytes(text, strlen(text));
}

static int
set_up(void **state)
{
	(void)state;
	if (temp_folder_create() != 0)
		return -1;
	put("key", KEY "\n", strlen(KEY) + 1);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	return temp_folder_remove();
}

static void
former_names_of_keys_are_read_with_a_warning(void **state)
{
	struct conf *c = load("[payments]\nleast = 7\nmax_amount = 9\n"
	    "[presence]\ngrace = 3\n");
	char got[16] = "";
	FILE *f;

	(void)state;
	assert_non_null(c);
	assert_int_equal(c->pay_min_amount, 7);
	assert_int_equal(c->pay_max_amount, 9);
	assert_int_equal(c->disconnect_grace, 3);
	assert_non_null(strstr(said, "earmark.conf:2: warning: least was "
	    "renamed to min_amount; the old name is accepted until 1.0\n"));
	assert_non_null(strstr(said, "earmark.conf:5: warning: grace was "
	    "renamed to disconnect_grace;"));
	assert_null(strstr(said, "max_amount was renamed"));
	f = fmemopen(got, sizeof(got), "w");
	assert_true(conf_get(c, "payments.least", f));
	assert_false(conf_get(c, "presence.least", f));
	fclose(f);
	assert_string_equal(got, "7\n");

	/*
	 * A former name is accepted only in its own section, and counts as the
	 * same key.
	 */
	assert_null(load("[auth]\nleast = 7\n"));
	assert_non_null(strstr(said, "unknown key 'least' in [auth]"));
	assert_null(load("[payments]\nleast = 7\nmin_amount = 8\n"));
	assert_non_null(strstr(said, "min_amount is already set in line 2"));
}

/* Each former name leads to an existing key and is not a key itself. */
static void
former_names_are_of_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < conf_aliases_n; i++) {
		const struct conf_alias *a = &conf_aliases[i];
		size_t old = 0, now = 0;

		for (size_t k = 0; k < conf_keys_n; k++) {
			const char *name = conf_keys[k].field.name;

			if (strcmp(conf_keys[k].section, a->section) != 0)
				continue;
			old += strcmp(name, a->old) == 0;
			now += strcmp(name, a->name) == 0;
		}
		assert_int_equal(old, 0);
		assert_int_equal(now, 1);
	}
}

static void
the_empty_file_is_all_defaults(void **state)
{
	struct conf *c = load("");
	char want[5000], real[4096];

	(void)state;
	assert_non_null(c);
	assert_string_equal(said, "");
	assert_string_equal(c->base_url, "http://127.0.0.1:3001");
	assert_string_equal(c->currency, "INR");
	assert_int_equal(c->argon_mem_kib, 19456);
	assert_int_equal(c->argon_time, 2);
	assert_int_equal(c->otp_max_attempts, 5);
	assert_int_equal(c->online_ttl, 90);
	assert_int_equal(c->conns[POOL_AUTH], 1);
	assert_int_equal(c->conns[POOL_FAVORITES], 1024);
	assert_int_equal(c->wal_truncate_bytes, 16 * 1024 * 1024);
	assert_non_null(realpath(temp_folder, real));
	snprintf(want, sizeof(want), "%s/run", real);
	assert_string_equal(c->run_dir, want);
	assert_string_equal(c->state_dir, real);
	assert_string_equal(c->jwt_private_key, "");
}

static void
every_kind_of_value_is_taken(void **state)
{
	struct conf *c = load("\xef\xbb\xbf; a comment\n# another\n"
	    "[server]\n  base_url = https://x.example\r\n"
	    "\tlog_level=error\n\n[paths]\ndb_file = /data/x.db\n"
	    "run_dir: r\n[pools]\nfavorites_workers = 7\n"
	    "[auth]\notp_fixed_codes = +15550100=123456@2027-01-01,"
	    "a@b.example=000000@2027-01-01T00:00:00Z\n");

	(void)state;
	assert_string_equal(said, "");
	assert_non_null(c);
	assert_string_equal(c->base_url, "https://x.example");
	assert_int_equal(c->log_level, 3);
	assert_string_equal(c->db_file, "/data/x.db");
	assert_string_equal(c->run_dir + strlen(c->state_dir), "/r");
	assert_int_equal(c->workers[POOL_FAVORITES], 7);
}

/* As in a configuration of a version that did not have these keys. */
static void
folders_that_are_not_named_are_found(void **state)
{
	char sockets[80];
	struct conf *c = load("[paths]\ndb_file = /data/x.db\nrun_dir = r\n");

	(void)state;
	assert_non_null(c);
	assert_string_equal(c->spool_dir, "/data/spool");
	assert_string_equal(c->socket_dir, c->run_dir);
	snprintf(sockets, sizeof(sockets), "%s/r-sockets", temp_folder);
	assert_int_equal(mkdir(sockets, 0700), 0);
	c = load("[paths]\ndb_file = x.db\nrun_dir = r\n");
	assert_int_equal(rmdir(sockets), 0);
	assert_non_null(c);
	assert_string_equal(c->socket_dir + strlen(c->run_dir), "-sockets");
	assert_string_equal(c->spool_dir + strlen(c->state_dir), "/spool");
	c = load("[paths]\nsocket_dir = a\nspool_dir = b\n");
	assert_non_null(c);
	assert_string_equal(c->socket_dir + strlen(c->state_dir), "/a");
	assert_string_equal(c->spool_dir + strlen(c->state_dir), "/b");
}

static void
a_long_value_is_whole(void **state)
{
	static char text[5000] = "[server]\ncors_origins = https://";
	struct conf *c;
	size_t n = strlen(text);

	(void)state;
	memset(text + n, 'x', 3000);
	c = load(text);
	assert_non_null(c);
	assert_int_equal(strlen(c->cors_origins), 3008);
}

static void
every_error_is_named_with_its_line(void **state)
{
	static const char *const want[] = {
		"earmark.conf:2: unknown key 'nonsense' in [server]\n",
		"earmark.conf:3: the line is not 'key = value'\n",
		("earmark.conf:4: log_level must be one of debug, info, warn, "
		    "error\n"),
		"earmark.conf:6: online_ttl must be at least 5\n",
		"earmark.conf:7: online_ttl is already set in line 6\n",
		"earmark.conf:8: reachable_max must be an integer\n",
		"earmark.conf:9: the ']' is missing\n",
		"earmark.conf:11: unknown key 'online_ttl' in [nowhere]\n",
		"earmark.conf:13: base_url must not end with '/'\n",
	};
	size_t i;

	(void)state;
	assert_null(load("[server]\nnonsense = 1\njust words\n"
	    "log_level = loud\n[presence]\nonline_ttl = 1\nonline_ttl = 60\n"
	    "reachable_max = 5 ; five\n[auth\n[nowhere]\nonline_ttl = 60\n"
	    "[server]\nbase_url = http://x/\n"));
	for (i = 0; i < NELEM(want); i++)
		if (strstr(said, want[i]) == NULL)
			fail_msg("'%s' is not in:\n%s", want[i], said);
}

static void
what_no_row_can_say_is_checked(void **state)
{
	static const char *const bad[] = {
		"[server]\nbase_url = ftp://x\n",
		"[server]\ncurrency = inr\n",
		"[server]\ncurrency = RS\n",
		"[auth]\njwt_alg = ES256\n",
		"[auth]\nrefresh_ttl = 60\nrefresh_grace = 60\n",
		"[auth]\notp_fixed_codes = +1555\n",
		"[auth]\notp_fixed_codes = +1555=12345@2027-01-01\n",
		"[auth]\notp_fixed_codes = +1555=123456\n",
		"[auth]\notp_fixed_codes = +1555=123456@someday\n",
		"[auth]\notp_fixed_codes = =123456@2027-01-01\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(bad); i++) {
		if (load(bad[i]) != NULL)
			fail_msg("taken: %s", bad[i]);
		if (strstr(said, "earmark.conf:") == NULL)
			fail_msg("no line is named for %s: %s", bad[i], said);
	}
}

static void
odd_bytes_are_refused(void **state)
{
	static char text[20000] = "[server]\ncurrency = INR\nbase_url = ";

	(void)state;
	assert_null(load_bytes("[server]\ncurrency = I\0NR\n", 26));
	assert_non_null(strstr(said, ":2: the line contains a NUL byte\n"));
	assert_null(load("[server]\ncors_origins = \xff\xfe\n"));
	assert_non_null(strstr(said, ":2: cors_origins must be UTF-8 text\n"));
	memset(text + strlen(text), 'x', 15000);
	assert_null(load(text));
	assert_non_null(strstr(said, ":3: the line is too long\n"));
}

static void
the_key_must_be_32_bytes(void **state)
{
	static const char *const bad[] = { "", "\n", "00", (KEY "00"), ("x" KEY),
	    "g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" };
	struct conf *c = load("");
	struct hash key, want;
	size_t i;

	(void)state;
	assert_non_null(c);
	assert_true(hash_unhex(KEY, key.b, sizeof(key.b)));
	want = hash_derive(&key, "earmark jwt");
	assert_memory_equal(&c->key_jwt, &want, sizeof(want));
	assert_memory_not_equal(&c->key_jwt, &c->key_otp, sizeof(want));
	for (i = 0; i < NELEM(bad); i++) {
		put("key", bad[i], strlen(bad[i]));
		assert_null(load(""));
		assert_non_null(strstr(said, "must contain 64 hexadecimal"));
		assert_null(strstr(said, "010203"));
	}
	put("key", KEY "\n", strlen(KEY) + 1);
	assert_null(load("[paths]\nkey_file = nokey\n"));
	assert_non_null(strstr(said, ":2: key_file "));
	assert_non_null(strstr(said, "No such file"));
}

static void
an_absent_file_is_an_error(void **state)
{
	FILE *errs = fmemopen(said, sizeof(said), "w");

	(void)state;
	assert_null(conf_load("/nowhere/earmark.conf", errs));
	fclose(errs);
	assert_string_equal(said,
	    "/nowhere/earmark.conf: No such file or directory\n");
}

/*
 * The output of conf_show() can be loaded and shown again without a change,
 * except secrets.
 */
static void
what_is_shown_can_be_loaded(void **state)
{
	static char shown[32768], again[32768];
	struct conf *c = load("[limits]\nwrite_rate = 77\n[auth]\n"
	    "login_max_attempts = 3\n");
	FILE *f;

	(void)state;
	assert_non_null(c);
	f = fmemopen(shown, sizeof(shown), "w");
	conf_show(c, f);
	fclose(f);
	assert_non_null(strstr(shown, "\nwrite_rate = 77\n"));
	c = load(shown);
	assert_string_equal(said, "");
	assert_non_null(c);
	f = fmemopen(again, sizeof(again), "w");
	conf_show(c, f);
	fclose(f);
	assert_string_equal(shown, again);
}

static void
secrets_are_masked(void **state)
{
	static char shown[32768];
	char one[128];
	struct conf *c = load("[server]\nmetrics_token = hush-hush\n[auth]\n"
	    "otp_fixed_codes = +1555=987654@2027-01-01\n");
	FILE *f;

	(void)state;
	assert_non_null(c);
	f = fmemopen(shown, sizeof(shown), "w");
	conf_show(c, f);
	fclose(f);
	assert_null(strstr(shown, "hush"));
	assert_null(strstr(shown, "987654"));
	assert_non_null(strstr(shown, "metrics_token = ********\n"));
	f = fmemopen(one, sizeof(one), "w");
	assert_true(conf_get(c, "server.metrics_token", f));
	assert_false(conf_get(c, "server.metrics", f));
	assert_false(conf_get(c, "serve.metrics_token", f));
	assert_false(conf_get(c, "metrics_token", f));
	fclose(f);
	assert_string_equal(one, "hush-hush\n");
}

/*
 * Checks the table: defaults are within their bounds, and each row has
 * documentation.
 */
static void
the_table_is_sound(void **state)
{
	const struct conf_key *k;
	size_t i, j;

	(void)state;
	for (i = 0; i < conf_keys_n; i++) {
		k = &conf_keys[i];
		assert_non_null(k->doc);
		assert_int_equal(k->doc[strlen(k->doc) - 1], '.');
		if (k->field.type == F_INT) {
			assert_true(k->field.dflt >= k->field.min);
			assert_true(k->field.dflt <= k->field.max);
		}
		if (k->field.type == F_STR)
			assert_non_null(k->dflt_text);
		for (j = 0; j < i; j++)
			assert_int_not_equal(conf_keys[j].field.off,
			    k->field.off);
	}
	for (i = 0; i < POOL_MAX; i++)
		assert_non_null(pool_names[i]);
	assert_null(pool_names[POOL_MAX]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_empty_file_is_all_defaults),
		cmocka_unit_test(
		    former_names_of_keys_are_read_with_a_warning),
		cmocka_unit_test(former_names_are_of_keys),
		cmocka_unit_test(every_kind_of_value_is_taken),
		cmocka_unit_test(folders_that_are_not_named_are_found),
		cmocka_unit_test(a_long_value_is_whole),
		cmocka_unit_test(every_error_is_named_with_its_line),
		cmocka_unit_test(what_no_row_can_say_is_checked),
		cmocka_unit_test(odd_bytes_are_refused),
		cmocka_unit_test(the_key_must_be_32_bytes),
		cmocka_unit_test(an_absent_file_is_an_error),
		cmocka_unit_test(what_is_shown_can_be_loaded),
		cmocka_unit_test(secrets_are_masked),
		cmocka_unit_test(the_table_is_sound),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
