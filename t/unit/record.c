/* record: recognizes the bytes of one FastCGI request. */
#include "unit.h"

#include "base/buf.h"
#include "base/hash.h"
#include "fcgi/core/record.h"

enum { BEGIN = 1, ABORT, END, PARAMS, STDIN, GET_VALUES = 9 };

static struct buf b;

static int
set_up(void **state)
{
	(void)state;
	buf_init(&b, 64 << 20);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	buf_free(&b);
	return 0;
}

static void
header(int version, int kind, int id, size_t n, size_t padding)
{
	buf_ch(&b, (char)version);
	buf_ch(&b, (char)kind);
	buf_ch(&b, (char)(id >> 8));
	buf_ch(&b, (char)id);
	buf_ch(&b, (char)(n >> 8));
	buf_ch(&b, (char)n);
	buf_ch(&b, (char)padding);
	buf_ch(&b, 0);
}

static void
record(int kind, const void *p, size_t n)
{
	header(1, kind, 1, n, 0);
	buf_add(&b, p, n);
}

static void
begin(int role)
{
	const char body[8] = { 0, (char)role, 1 };

	record(BEGIN, body, sizeof(body));
}

static void
length(struct buf *to, size_t n)
{
	if (n < 128) {
		buf_ch(to, (char)n);
		return;
	}
	buf_ch(to, (char)(n >> 24 | 0x80));
	buf_ch(to, (char)(n >> 16));
	buf_ch(to, (char)(n >> 8));
	buf_ch(to, (char)n);
}

/* Writes pairs of n and m bytes, `times` times, in records of 65,535 bytes. */
static void
pairs(size_t n, size_t m, int times)
{
	struct buf to;
	size_t at, k;
	int i;

	buf_init(&to, 64 << 20);
	for (i = 0; i < times; i++) {
		length(&to, n);
		length(&to, m);
		for (k = 0; k < n + m; k++)
			buf_ch(&to, k < n ? 'N' : 'v');
	}
	for (at = 0; at < to.len; at += k) {
		k = to.len - at > 65535 ? 65535 : to.len - at;
		record(PARAMS, to.data + at, k);
	}
	buf_free(&to);
}

/* Ends the parameters and an empty body. */
static void
ends(void)
{
	record(PARAMS, "", 0);
	record(STDIN, "", 0);
}

/* Returns the verdict on all written bytes, and clears them. */
static enum record_verdict
verdict(void)
{
	struct record_reader r;
	enum record_verdict v;
	size_t used = 0;

	record_init(&r);
	v = record_feed(&r, (const uint8_t *)b.data, b.len, &used);
	assert_true(v == RECORD_INVALID || used == b.len);
	buf_clear(&b);
	return v;
}

#define is_complete()	assert_int_equal(verdict(), RECORD_COMPLETE)
#define is_invalid()	assert_int_equal(verdict(), RECORD_INVALID)

static void
plain(void)
{
	begin(1);
	record(PARAMS, "\1\2A12\2\0BC", 9);
	record(PARAMS, "", 0);
	record(STDIN, "hello", 5);
	header(1, STDIN, 1, 3, 5);
	buf_add(&b, "you\0\0\0\0", 8);
	record(STDIN, "", 0);
}

static void
its_parts_are_counted(void **state)
{
	struct record_reader r;
	size_t used;

	(void)state;
	plain();
	record_init(&r);
	assert_int_equal(record_feed(&r, (const uint8_t *)b.data, b.len, &used),
	    RECORD_COMPLETE);
	assert_int_equal(r.body, 8);
	assert_int_equal(r.params, 9);
	assert_int_equal(r.pairs, 2);
	assert_int_equal(r.head, 16 + 17 + 8);
	assert_int_equal(r.total, b.len);
}

static void
add_body(void *arg, const uint8_t *p, size_t n)
{
	buf_add(arg, p, n);
}

static void
pieces_of_any_size_have_the_same_verdict(void **state)
{
	struct record_reader r;
	size_t n, at, k, used;
	enum record_verdict v;
	struct buf body;

	(void)state;
	buf_init(&body, 64);
	plain();
	for (n = 1; n < b.len; n++) {
		record_init(&r);
		r.body_fn = add_body;
		r.body_arg = &body;
		for (at = 0; at < b.len; at += k) {
			k = b.len - at < n ? b.len - at : n;
			v = record_feed(&r, (const uint8_t *)b.data + at, k,
			    &used);
			assert_int_equal(used, k);
			assert_int_equal(v, at + k < b.len ? RECORD_MORE :
			    RECORD_COMPLETE);
		}
		assert_int_equal(r.body, 8);
		assert_int_equal(r.pairs, 2);
		assert_int_equal(body.len, 8);
		assert_memory_equal(body.data, "helloyou", 8);
		buf_clear(&body);
	}
	buf_free(&body);
}

static void
what_follows_is_not_consumed(void **state)
{
	struct record_reader r;
	size_t n, used;

	(void)state;
	plain();
	n = b.len;
	plain();
	record_init(&r);
	assert_int_equal(record_feed(&r, (const uint8_t *)b.data, b.len, &used),
	    RECORD_COMPLETE);
	assert_int_equal(used, n);
}

static void
an_invalid_stream_stays_invalid(void **state)
{
	struct record_reader r;
	size_t used;

	(void)state;
	record_init(&r);
	assert_int_equal(record_feed(&r, (const uint8_t *)"GET / HT", 8, &used),
	    RECORD_INVALID);
	plain();
	assert_int_equal(record_feed(&r, (const uint8_t *)b.data, b.len, &used),
	    RECORD_INVALID);
}

static void
only_the_records_of_one_request_are_valid(void **state)
{
	int kind;

	(void)state;
	for (kind = 0; kind < 256; kind++) {
		header(1, kind, 1, 8, 0);
		buf_add(&b, "\0\1\1\0\0\0\0", 8);
		assert_int_equal(verdict(), kind == BEGIN ? RECORD_MORE :
		    RECORD_INVALID);
		begin(1);
		record(kind, "\1\1AB", 4);
		assert_int_equal(verdict(), kind == PARAMS ? RECORD_MORE :
		    RECORD_INVALID);
		begin(1);
		record(PARAMS, "", 0);
		record(kind, "x", 1);
		assert_int_equal(verdict(), kind == STDIN ? RECORD_MORE :
		    RECORD_INVALID);
	}
	for (kind = 0; kind < 4; kind++) {
		begin(kind);
		ends();
		assert_int_equal(verdict(), kind == 1 ? RECORD_COMPLETE :
		    RECORD_INVALID);
	}
}

static void
versions_and_ids_are_the_same_throughout(void **state)
{
	(void)state;
	header(2, BEGIN, 1, 8, 0);
	is_invalid();
	header(1, BEGIN, 0, 8, 0);
	is_invalid();
	begin(1);
	header(0, PARAMS, 1, 0, 0);
	is_invalid();
	begin(1);
	header(1, PARAMS, 2, 0, 0);
	is_invalid();
	begin(1);
	header(1, PARAMS, 257, 0, 0);
	is_invalid();
	begin(1);
	header(1, GET_VALUES, 0, 0, 0);
	is_invalid();
	begin(1);
	record(PARAMS, "", 0);
	header(1, STDIN, 2, 0, 0);
	is_invalid();
}

/*
 * libfcgi 2.4.2 ignores the padding of these records and would parse it as a
 * record.
 */
static void
an_empty_record_has_no_padding(void **state)
{
	(void)state;
	header(1, BEGIN, 1, 8, 8);
	is_invalid();
	begin(1);
	header(1, PARAMS, 1, 0, 8);
	is_invalid();
	begin(1);
	record(PARAMS, "", 0);
	header(1, STDIN, 1, 0, 1);
	is_invalid();
}

static void
pairs_are_whole(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} broken[] = {
		{ "\1", 1 }, { "\1\1", 2 }, { "\1\1A", 3 }, { "\1\1AB\1", 5 },
		{ "\x80\0\0\1", 4 }, { "\x80\0\0\1\x80", 5 },
		{ "\0\1B", 3 },			/* no name */
		{ "\1\1A\0", 4 }, { "\1\1\0B", 4 }, { "\2\1A=B", 5 },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff""A", 9 },
		{ "\xff\xff\xff\xfe\1A", 6 }, { "\1\xff\xff\xff\xff""A", 6 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(broken); i++) {
		begin(1);
		record(PARAMS, broken[i].bytes, broken[i].n);
		ends();
		is_invalid();
	}
	begin(1);
	record(PARAMS, "\x80\0\0\1\x80\0\0\1A=", 10);
	ends();
	is_complete();
}

static void
parameters_are_bounded(void **state)
{
	(void)state;
	begin(1);
	pairs(RECORD_NAME_MAX, RECORD_VALUE_MAX, 1);
	ends();
	is_complete();
	begin(1);
	pairs(RECORD_NAME_MAX + 1, 1, 1);
	is_invalid();
	begin(1);
	pairs(1, RECORD_VALUE_MAX + 1, 1);
	is_invalid();
	begin(1);
	pairs(6, 0, RECORD_PAIRS_MAX);		/* 8 bytes each, 64 KiB in total */
	ends();
	is_complete();
	begin(1);
	pairs(1, 0, RECORD_PAIRS_MAX + 1);
	is_invalid();
	begin(1);
	pairs(6, 0, RECORD_PAIRS_MAX - 1);
	record(PARAMS, "\6\1NNNNNNv", 9);
	is_invalid();
}

static void
padding_is_bounded(void **state)
{
	static const char padding[255];
	int i;

	(void)state;
	begin(1);
	for (i = 0; i < RECORD_HEAD_MAX / 267 + 1; i++) {
		header(1, PARAMS, 1, 4, 255);
		buf_add(&b, "\1\1AB", 4);
		buf_add(&b, padding, 255);
	}
	is_invalid();
	begin(1);
	record(PARAMS, "", 0);
	for (i = 0; i < RECORD_OVERHEAD_MAX / 263; i++) {
		header(1, STDIN, 1, 1, 255);
		buf_ch(&b, 'x');
		buf_add(&b, padding, 255);
	}
	record(STDIN, "", 0);
	is_complete();
	begin(1);
	record(PARAMS, "", 0);
	for (i = 0; i < RECORD_OVERHEAD_MAX / RECORD_HEADER + 1; i++)
		record(STDIN, "x", 1);
	is_invalid();
}

static void
a_body_is_counted_to_its_end_whatever_its_size(void **state)
{
	static uint8_t piece[RECORD_HEADER + 65535];
	struct record_reader r;
	uint64_t sum = 0;
	size_t used;

	(void)state;
	begin(1);
	record(PARAMS, "", 0);
	record_init(&r);
	record_feed(&r, (const uint8_t *)b.data, b.len, &used);
	buf_clear(&b);
	header(1, STDIN, 1, 65535, 0);
	memcpy(piece, b.data, RECORD_HEADER);
	while (sum < UINT64_C(1) << 30) {
		assert_int_equal(record_feed(&r, piece, sizeof(piece), &used),
		    RECORD_MORE);
		sum += 65535;
		assert_true(r.body == sum);
	}
	record_end(&r, piece);
	assert_int_equal(record_feed(&r, piece, RECORD_HEADER, &used),
	    RECORD_COMPLETE);
}

/*
 * The body contains a complete request. Control: a reader that starts within
 * it, as after an unread body, accepts it as a request. A reader that reads
 * the body to its end does not.
 */
static void
a_body_is_never_a_request(void **state)
{
	struct record_reader r;
	size_t head, n, used;
	struct buf body;

	(void)state;
	plain();
	body = b;
	buf_init(&b, body.max);
	begin(1);
	pairs(4, 4, 3);
	record(PARAMS, "", 0);
	head = b.len;
	record(STDIN, body.data, body.len);
	n = b.len;
	record_init(&r);
	assert_int_equal(record_feed(&r, (const uint8_t *)b.data, n, &used),
	    RECORD_MORE);
	assert_int_equal(r.body, body.len);

	head += RECORD_HEADER;
	record_init(&r);
	assert_int_equal(record_feed(&r, (const uint8_t *)b.data + head,
	    n - head, &used), RECORD_COMPLETE);
	buf_free(&body);
}

static void
the_end_of_a_body_can_be_written(void **state)
{
	struct record_reader r;
	uint8_t end[RECORD_HEADER];
	size_t used;

	(void)state;
	header(1, BEGIN, 0x1234, 8, 0);
	buf_add(&b, "\0\1\0\0\0\0\0", 8);
	header(1, PARAMS, 0x1234, 0, 0);
	record_init(&r);
	assert_int_equal(record_feed(&r, (const uint8_t *)b.data, b.len, &used),
	    RECORD_MORE);
	record_end(&r, end);
	assert_int_equal(record_feed(&r, end, sizeof(end), &used),
	    RECORD_COMPLETE);
}

/* The bytes are those of the FastCGI specification, sections 3.3 and 5.5. */
static void
a_response_has_the_id_of_its_request(void **state)
{
	static const uint8_t want[] = { 1, 6, 0x12, 0x34, 0xab, 0xcd, 0, 0,
		1, 6, 0x12, 0x34, 0, 0, 0, 0, 1, 3, 0x12, 0x34, 0, 8, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0 };
	uint8_t got[RECORD_HEADER + RECORD_RESPONSE_END];
	struct record_reader r;
	size_t used;

	(void)state;
	header(1, BEGIN, 0x1234, 8, 0);
	record_init(&r);
	assert_int_equal(record_feed(&r, (const uint8_t *)b.data, b.len, &used),
	    RECORD_MORE);
	record_stdout(&r, 0xabcd, got);
	record_response_end(&r, got + RECORD_HEADER);
	assert_int_equal(sizeof(got), sizeof(want));
	assert_memory_equal(got, want, sizeof(want));
}

static void
lengths_are_read_as_nginx_does(void **state)
{
	static const char *const wrong[] = { "-1", "+1", " 1", "1 ", "0x1",
	    "1.0", "1e3", "9223372036854775808", "99999999999999999999", "x" };
	uint64_t n = 7;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(wrong); i++) {
		assert_false(record_length(wrong[i], &n));
		assert_true(n == 7);
	}
	assert_true(record_length("016935", &n) && n == 16935);
	assert_true(record_length("0000000000000000000000000000001", &n));
	assert_true(n == 1);
	assert_true(record_length("9223372036854775807", &n));
	assert_true(n == INT64_MAX);
	assert_true(record_length("0", &n) && n == 0);
	assert_true(record_length("", &n) && n == 0);
	assert_true(record_length(NULL, &n) && n == 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(its_parts_are_counted),
		TEST(pieces_of_any_size_have_the_same_verdict),
		TEST(what_follows_is_not_consumed),
		TEST(an_invalid_stream_stays_invalid),
		TEST(only_the_records_of_one_request_are_valid),
		TEST(versions_and_ids_are_the_same_throughout),
		TEST(an_empty_record_has_no_padding),
		TEST(pairs_are_whole),
		TEST(parameters_are_bounded),
		TEST(padding_is_bounded),
		TEST(a_body_is_counted_to_its_end_whatever_its_size),
		TEST(a_body_is_never_a_request),
		TEST(the_end_of_a_body_can_be_written),
		TEST(a_response_has_the_id_of_its_request),
		TEST(lengths_are_read_as_nginx_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
