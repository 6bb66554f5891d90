/* listener: values computed from a row. */
#include "unit.h"

#include "base/clock.h"
#include "base/hash.h"
#include "domain/listeners/listener.h"

static void
rating(void **state)
{
	static const struct {
		int64_t sum, n, tenths;
	} rows[] = {
		{ 0, 0, 0 }, { 5, 1, 50 }, { 48, 10, 48 }, { 9, 2, 45 },
		{ 14, 3, 47 }, { 13, 3, 43 }, { 89, 20, 45 }, { 1, 1, 10 },
		{ 499999, 100000, 50 }, { 7, 4, 18 },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++)
		assert_int_equal(listener_rating(rows[i].sum, rows[i].n),
		    rows[i].tenths);
}

static void
wait_time(void **state)
{
	static const struct {
		int64_t ago, mean, minutes;	/* in milliseconds */
	} rows[] = {
		{ 0, INT64_MIN, 10 },
		{ 1, INT64_MIN, 10 },
		{ MINUTE, INT64_MIN, 9 },
		{ MINUTE + 1, INT64_MIN, 9 },
		{ 9 * MINUTE, INT64_MIN, 1 },
		{ 10 * MINUTE, INT64_MIN, 1 },
		{ 3 * HOUR, INT64_MIN, 1 },
		{ 0, 90 * SECOND, 2 },
		{ 30 * SECOND, 90 * SECOND, 1 },
		{ 0, 60 * SECOND, 1 },
		{ 0, 60 * SECOND + 1, 2 },
		{ 0, 1, 1 },
		{ 5 * MINUTE, HOUR, 55 },
	};
	const int64_t now = INT64_C(1700000000000);

	(void)state;
	assert_true(listener_wait(INT64_MIN, 5, now) == INT64_MIN);
	for (size_t i = 0; i < NELEM(rows); i++)
		assert_int_equal(listener_wait(now - rows[i].ago,
		    rows[i].mean, now), rows[i].minutes);
}

/* Each member that responses contain changes the hash. */
static void
hashes(void **state)
{
	static const char *one[] = { "a" }, *two[] = { "a", "b" };
	struct listener_item item = { .card = { .user_id = 1,
	    .username = "x", .last_seen = INT64_MIN, .wait_time = INT64_MIN,
	    .interests = { 1, one } }, .languages = { 1, one } };
	uint64_t h = listener_hash(&item, HASH_FAST_SEED);
	struct listener_item other;

	(void)state;
	assert_true(listener_hash(&item, HASH_FAST_SEED) == h);
#define DIFFERS(change) do { \
		other = item; \
		change; \
		assert_true(listener_hash(&other, HASH_FAST_SEED) != h); \
	} while (0)
	DIFFERS(other.card.username = "y");
	DIFFERS(other.card.sex = "male");
	DIFFERS(other.card.bio = "");
	DIFFERS(other.card.image = "i");
	DIFFERS(other.card.preferred_language = "en");
	DIFFERS(other.card.country = "IN");
	DIFFERS(other.card.rating = 1);
	DIFFERS(other.card.is_online = true);
	DIFFERS(other.card.is_busy = true);
	DIFFERS(other.card.last_seen = 0);
	DIFFERS(other.card.wait_time = 1);
	DIFFERS(other.card.next_available_at = 1);
	DIFFERS(other.card.interests = ((struct strv){ 2, two }));
	DIFFERS(other.languages = ((struct strv){ 2, two }));
	DIFFERS(other.languages.n = 0);
	DIFFERS(other.rate = 1);
	DIFFERS(other.sessions = 1);
	DIFFERS(other.reviews = 1);
	DIFFERS(other.favorites = 1);
	DIFFERS(other.is_favorited = true);
	DIFFERS(other.verification = LISTENER_VERIFIED);
	DIFFERS(other.reason = "r");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rating),
		cmocka_unit_test(wait_time),
		cmocka_unit_test(hashes),
	};

	return cmocka_run_group_tests_name("listener", tests, NULL, NULL);
}
