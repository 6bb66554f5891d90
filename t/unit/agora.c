/*
 * agora: compares AccessToken2 with vectors of Agora's own builders. Compressed
 * bytes are not compared, because they differ between versions of zlib.
 */
#include "unit.h"

#include <json-c/json.h>
#include <openssl/evp.h>
#include <zlib.h>

#include "base/hash.h"
#include "providers/agora.h"

static struct arena arena;
static struct json_object *vectors;

static const char *
text(struct json_object *o, const char *name)
{
	struct json_object *v = NULL;

	assert_true(json_object_object_get_ex(o, name, &v));
	return json_object_get_string(v);
}

static uint32_t
number(struct json_object *o, const char *name)
{
	struct json_object *v = NULL;

	assert_true(json_object_object_get_ex(o, name, &v));
	return (uint32_t)json_object_get_int64(v);
}

static int
setup(void **state)
{
	const char *src = getenv("EARMARK_SRC");
	char file[1000];

	(void)state;
	arena_init(&arena, 8 << 20);
	snprintf(file, sizeof(file), "%s/t/tools/vectors/agora.json",
	    src == NULL ? "." : src);
	vectors = json_object_from_file(file);
	return vectors == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	json_object_put(vectors);
	arena_free(&arena);
	return 0;
}

static struct json_object *
vector(size_t i)
{
	struct json_object *list = NULL;

	json_object_object_get_ex(vectors, "vectors", &list);
	return json_object_array_get_idx(list, i);
}

static struct agora_token
of(struct json_object *v)
{
	return (struct agora_token){ .app_id = text(v, "appId"),
	    .certificate = text(v, "appCertificate"),
	    .channel = text(v, "channel"), .uid = text(v, "account"),
	    .privileges = str_eq(text(v, "role"), "publisher") ?
	    AGORA_PUBLISHER : AGORA_SUBSCRIBER,
	    .issued = number(v, "issueTs"), .expire = number(v, "expire"),
	    .privilege_expire = number(v, "privilegeExpire"),
	    .salt = number(v, "salt") };
}

static void
inflated_is(const char *token, const char *hex)
{
	unsigned char packed[4096], out[4096];
	char found[2 * sizeof(out) + 1];
	uLongf len = sizeof(out);
	size_t n = strlen(token + 3);
	int got;

	assert_memory_equal(token, "007", 3);
	got = EVP_DecodeBlock(packed, (const unsigned char *)token + 3, (int)n);
	assert_true(got > 0);
	assert_int_equal(uncompress(out, &len, packed, (uLong)got), Z_OK);
	hash_hex(out, len, found);
	assert_string_equal(found, hex);
}

static void
builds_what_the_sdk_builds(void **state)
{
	struct agora_token t;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		t = of(vector(i));
		inflated_is(agora_build(&arena, &t),
		    text(vector(i), "inflated_hex"));
	}
}

/* Agora's own test: AccessToken2Test.py, RTC with only the join privilege. */
static void
builds_what_agora_tests(void **state)
{
	const struct agora_token t = {
		.app_id = "970CA35de60c44645bbae8a215061b33",
		.certificate = "5CFd2fd1755d40ecb72977518be15d3b",
		.channel = "7d72365eb983485397e3e3f9d460bdda",
		.uid = "2882341273", .privileges = AGORA_JOIN,
		.issued = 1111111, .expire = 600, .privilege_expire = 600,
		.salt = 1
	};

	(void)state;
	inflated_is(agora_build(&arena, &t),
	    "200016a0b84c5a5e82cbf74fb813d09f59c54bdac9c06120580539ac97578e958b"
	    "1a2000393730434133356465363063343436343562626165386132313530363162"
	    "333347f4100058020000010000000100010001000100580200002000376437323336"
	    "3565623938333438353339376533653366396434363062646461"
	    "0a0032383832333431323733");
}

static void
reads_what_the_sdk_builds(void **state)
{
	struct agora_token t, want;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		want = of(vector(i));
		assert_int_equal(agora_read(&arena, text(vector(i), "token"),
		    want.certificate, &t), RC_OK);
		assert_string_equal(t.app_id, want.app_id);
		assert_string_equal(t.channel, want.channel);
		assert_string_equal(t.uid, i == 2 ? "" : want.uid);
		assert_int_equal(t.privileges, want.privileges);
		assert_int_equal(t.issued, want.issued);
		assert_int_equal(t.expire, want.expire);
		assert_int_equal(t.privilege_expire, want.privilege_expire);
		assert_int_equal(t.salt, want.salt);
		assert_int_equal(agora_read(&arena, text(vector(i), "token"),
		    "00000000000000000000000000000000", &t), RC_AUTH);
	}
}

static void
refuses_what_was_changed(void **state)
{
	struct agora_token t = of(vector(0)), found;
	char *token = agora_build(&arena, &t), *cut;
	size_t i, n = strlen(token);
	char was;

	(void)state;
	assert_int_equal(agora_read(&arena, token, t.certificate, &found),
	    RC_OK);
	for (i = 0; i < n; i++) {
		was = token[i];
		token[i] = was == 'A' ? 'B' : 'A';
		/*
		 * The unused bits of the last base64 character do not matter.
		 */
		if (agora_read(&arena, token, t.certificate, &found) == RC_OK)
			assert_true(i >= n - 4);
		token[i] = was;
	}
	for (i = 0; i < n; i++) {
		cut = arena_strn(&arena, token, i);
		assert_int_equal(agora_read(&arena, cut, t.certificate,
		    &found), RC_AUTH);
	}
}

static void
salts_differ(void **state)
{
	struct agora_token t = of(vector(0)), a, b;

	(void)state;
	t.salt = 0;
	assert_int_equal(agora_read(&arena, agora_build(&arena, &t),
	    t.certificate, &a), RC_OK);
	assert_int_equal(agora_read(&arena, agora_build(&arena, &t),
	    t.certificate, &b), RC_OK);
	assert_int_not_equal(a.salt, b.salt);
	assert_in_range(a.salt, 1, 99999999);
}

/* A failed allocation of zlib is not an invalid token. */
static bool no_memory;

int
uncompress(Bytef *to, uLongf *len, const Bytef *from, uLong n)
{
	return no_memory ? Z_MEM_ERROR : uncompress2(to, len, from, &n);
}

static void
no_memory_is_a_fault(void **state)
{
	struct agora_token t = of(vector(0)), found;
	char *token = agora_build(&arena, &t);

	(void)state;
	no_memory = true;
	assert_int_equal(agora_read(&arena, token, t.certificate, &found),
	    RC_FAULT);
	no_memory = false;
	assert_int_equal(agora_read(&arena, token, t.certificate, &found),
	    RC_OK);
}

static struct agora_token wrong;

static void
build_wrong(void)
{
	agora_build(&arena, &wrong);
}

static void
makes_nothing_out_of_form(void **state)
{
	struct agora_token good = of(vector(0));

	(void)state;
	wrong = good;
	wrong.uid = "0";
	assert_true(dies(build_wrong));
	wrong.uid = "";
	assert_true(dies(build_wrong));
	wrong = good;
	wrong.certificate = "short";
	assert_true(dies(build_wrong));
	wrong = good;
	wrong.channel = "slash/slash";
	assert_true(dies(build_wrong));
	wrong = of(vector(2));		/* a channel of 64 bytes */
	wrong.uid = "1";
	assert_true(dies(build_wrong));
	wrong = good;
	assert_false(dies(build_wrong));
}

static void
channel_names(void **state)
{
	(void)state;
	assert_true(agora_channel("call-12"));
	assert_true(agora_channel(" !#$%&()+-:;<=.>?@[]^_{}|~,"));
	assert_false(agora_channel(""));
	assert_false(agora_channel("caf\xc3\xa9"));
	assert_false(agora_channel("a/b"));
	assert_false(agora_channel("a\"b"));
}

/*
 * Agora's example of a notification. Both digests were computed with openssl.
 */
static void
callbacks(void **state)
{
	const char *body = "{\"eventMs\":1560408533119,\"eventType\":10,"
	    "\"noticeId\":\"4eb720f0-8da7-11e9-a43e-53f411c2761f\","
	    "\"notifyMs\":1560408533119,\"payload\":{\"a\":\"1\",\"b\":2},"
	    "\"productId\":1}";
	const char *mac = "6d3320c60b11101395b7fc8f9068748808a0aa1bfa064438e39"
	    "d1bc2c7d74d99";

	(void)state;
	assert_true(agora_signed("secret", mac, body, strlen(body)));
	assert_false(agora_signed("secret", mac, body, strlen(body) - 1));
	assert_false(agora_signed("secre", mac, body, strlen(body)));
	assert_false(agora_signed("secret", NULL, body, strlen(body)));
	assert_false(agora_signed("secret", "", body, strlen(body)));
	assert_false(agora_signed("secret", "033c62f40f687675f17f0f41f91a40c7"
	    "1c0f134c", body, strlen(body)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builds_what_the_sdk_builds),
		cmocka_unit_test(builds_what_agora_tests),
		cmocka_unit_test(reads_what_the_sdk_builds),
		cmocka_unit_test(refuses_what_was_changed),
		cmocka_unit_test(no_memory_is_a_fault),
		cmocka_unit_test(salts_differ),
		cmocka_unit_test(makes_nothing_out_of_form),
		cmocka_unit_test(channel_names),
		cmocka_unit_test(callbacks),
	};

	return cmocka_run_group_tests_name("agora", tests, setup, teardown);
}
