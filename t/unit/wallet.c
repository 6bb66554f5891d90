/* ledger, wallet: transfers always balance. */
#include "test_db.h"

#include "domain/common/event.h"
#include "domain/money/wallet.h"

#define NOW INT64_C(1767225600000)

static struct test_db f;

/* Returns the balances of a user as "wallet+bonus+held-owed earnings". */
static const char *
has(int64_t user)
{
	struct wallet w;

	assert_int_equal(wallet_get(f.db, user, &w), RC_OK);
	assert_int_equal(w.balance, w.wallet + w.bonus + w.held);
	assert_int_equal(w.available, w.owed > 0 ? 0 : w.wallet + w.bonus);
	return arena_fmt(&f.arena, "%lld+%lld+%lld-%lld %lld",
	    (long long)w.wallet, (long long)w.bonus, (long long)w.held,
	    (long long)w.owed, (long long)w.earnings);
}

static int64_t
house(enum ledger_kind kind)
{
	int64_t balance;

	assert_int_equal(ledger_balance(f.db, LEDGER_OPERATOR(kind), &balance),
	    RC_OK);
	return balance;
}

static void
ok(enum rc rc)
{
	assert_int_equal(rc, RC_OK);
}

static int
begin(void **state)
{
	(void)state;
	err_init(&f.err, &f.arena);
	return db_write(f.db) != RC_OK;
}

static int
end(void **state)
{
	(void)state;
	return db_commit(f.db) != RC_OK;
}

static void
entries(void **state)
{
	struct transfer t;

	(void)state;
	ledger_transfer_init(&t, TRANSFER_HOLD, 3, NOW);
	ledger_transfer_add(&t, 17, 5);
	ledger_transfer_add(&t, 18, 0);
	ledger_transfer_add(&t, 19, -6);
	ledger_transfer_add(&t, 20, 1);
	ledger_transfer_add(&t, 17, 2);
	assert_int_equal(t.n, 3);
	assert_int_equal(t.entries[0].amount, 7);
	ledger_transfer_add(&t, 17, -7);
	assert_int_equal(t.n, 2);
	assert_int_equal(t.entries[0].account, 20);
	assert_int_equal(t.entries[1].account, 19);
}

/* The expected values were computed with hashlib and struct of Python. */
static void
hash(void **state)
{
	struct hash before = { { 0 } }, h;
	struct transfer t;
	char hex[65];

	(void)state;
	ledger_transfer_init(&t, TRANSFER_TOPUP, 7, NOW);
	ledger_transfer_add(&t, LEDGER_OPERATOR(LEDGER_GATEWAY), -500);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(1, LEDGER_WALLET), 500);
	t.entries[0].balance = -500;
	t.entries[1].balance = 500;
	t.id = 1;
	h = ledger_hash(&before, &t);
	hash_hex(h.b, sizeof(h.b), hex);
	assert_string_equal(hex,
	    "97047b025598f65230998989ead2d19a"
	    "0284867abd325f120410bd16562186fb");
	t.reference = INT64_MIN;
	t.note = "nöte";
	t.id = 2;
	h = ledger_hash(&h, &t);
	hash_hex(h.b, sizeof(h.b), hex);
	assert_string_equal(hex,
	    "bef6a5a56c9f15dc6ed0f8fcf6ef8116"
	    "fdf1ca51d78711abfc25a4fbd8bd8678");
}

static void
topup(void **state)
{
	(void)state;
	assert_string_equal(has(1), "0+0+0-0 0");
	ok(wallet_topup(f.db, 1, 500, 7, NOW, &f.err));
	ok(wallet_bonus(f.db, 1, 50, 3, "SPRING", NOW + 1, &f.err));
	ok(wallet_referral(f.db, 1, 25, 7, NOW + 2, &f.err));
	assert_string_equal(has(1), "500+75+0-0 0");
	assert_int_equal(house(LEDGER_GATEWAY), -500);
	assert_int_equal(house(LEDGER_PROMOTION), -75);
}

/* A provider takes a payment back. The rest becomes a debt. */
static void
reversal(void **state)
{
	int64_t bonus;

	(void)state;
	ok(wallet_reverse(f.db, 1, 540, 7, NOW + 3, &bonus, &f.err));
	assert_string_equal(has(1), "0+35+0-0 0");
	assert_int_equal(bonus, 40);
	ok(wallet_reverse(f.db, 1, 60, 7, NOW + 4, &bonus, &f.err));
	assert_string_equal(has(1), "0+0+0-25 0");
	ok(wallet_reverse(f.db, 1, 5, 7, NOW + 5, &bonus, &f.err));
	assert_string_equal(has(1), "0+0+0-30 0");
	ok(wallet_restore(f.db, 1, 20, 0, 7, NOW + 6, &f.err));
	assert_string_equal(has(1), "0+0+0-10 0");
	ok(wallet_topup(f.db, 1, 4, 8, NOW + 7, &f.err));
	assert_string_equal(has(1), "0+0+0-6 0");
	ok(wallet_topup(f.db, 1, 100, 9, NOW + 8, &f.err));
	assert_string_equal(has(1), "94+0+0-0 0");
	ok(wallet_restore(f.db, 1, 6, 0, 7, NOW + 9, &f.err));
	assert_string_equal(has(1), "100+0+0-0 0");
}

/* A session reserves money, pays, and releases the rest. */
static void
session(void **state)
{
	struct transfer t;

	(void)state;
	ledger_transfer_init(&t, TRANSFER_HOLD, 1, NOW + 10);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(1, LEDGER_WALLET), -101);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(1, LEDGER_HELD), 101);
	assert_int_equal(ledger_post(f.db, &t, &f.err), RC_PAYMENT);
	assert_string_equal(f.err.code, "insufficient_balance");
	assert_string_equal(has(1), "100+0+0-0 0");
	ledger_transfer_init(&t, TRANSFER_HOLD, 1, NOW + 10);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(1, LEDGER_WALLET), -80);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(1, LEDGER_HELD), 80);
	ok(wallet_post(f.db, &t, &f.err));
	assert_string_equal(has(1), "20+0+80-0 0");
	/* If the clock was set back, times of transactions still increase. */
	ledger_transfer_init(&t, TRANSFER_SESSION, 1, NOW - 10);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(1, LEDGER_HELD), -60);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(2, LEDGER_EARNINGS), 45);
	ledger_transfer_add(&t, LEDGER_OPERATOR(LEDGER_FEE), 15);
	ok(wallet_post(f.db, &t, &f.err));
	ledger_transfer_init(&t, TRANSFER_RELEASE, 1, NOW - 10);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(1, LEDGER_HELD), -20);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(1, LEDGER_WALLET), 20);
	ok(wallet_post(f.db, &t, &f.err));
	assert_string_equal(has(1), "40+0+0-0 0");
	assert_string_equal(has(2), "0+0+0-0 45");
	assert_int_equal(house(LEDGER_FEE), 15);
}

/* A payment is credited once, and a session is paid once. */
static void
once(void **state)
{
	(void)state;
	ok(db_save(f.db));
	assert_int_equal(wallet_topup(f.db, 1, 500, 9, NOW, &f.err),
	    RC_CONFLICT);
	ok(db_save_undo(f.db));
	assert_string_equal(has(1), "40+0+0-0 0");
}

static void
limit(void **state)
{
	(void)state;
	assert_int_equal(wallet_bonus(f.db, 1, LEDGER_BALANCE_MAX + 1, 1, NULL,
	    NOW, &f.err), RC_CONFLICT);
	assert_string_equal(f.err.code, "balance_limit");
}

/* Each transaction has an event. */
static void
events(void **state)
{
	static const char *const want[] = {
		"{\"account\":\"wallet\",\"balance\":500,\"type\":\"topup\",\"amount\":500}",
		"{\"account\":\"wallet\",\"balance\":550,\"type\":\"bonus\",\"amount\":50}",
		"{\"account\":\"wallet\",\"balance\":575,\"type\":\"bonus\",\"amount\":25}",
		"{\"account\":\"wallet\",\"balance\":35,\"type\":\"refund\",\"amount\":-540}",
		"{\"account\":\"wallet\",\"balance\":0,\"type\":\"refund\",\"amount\":-35}",
		"{\"account\":\"wallet\",\"balance\":4,\"type\":\"topup\",\"amount\":4}",
		"{\"account\":\"wallet\",\"balance\":0,\"type\":\"refund\",\"amount\":-4}",
		"{\"account\":\"wallet\",\"balance\":100,\"type\":\"topup\",\"amount\":100}",
		"{\"account\":\"wallet\",\"balance\":94,\"type\":\"refund\",\"amount\":-6}",
		"{\"account\":\"wallet\",\"balance\":100,\"type\":\"refund\",\"amount\":6}",
		"{\"account\":\"wallet\",\"balance\":40,\"type\":\"session\",\"amount\":-60}",
	};
	struct event_page page;

	(void)state;
	ok(event_list(f.db, &f.arena, 1, 0, 100, &page));
	assert_int_equal(page.n, NELEM(want));
	for (size_t i = 0; i < page.n; i++)
		assert_string_equal(page.events[i].data, want[i]);
	ok(event_list(f.db, &f.arena, 2, 0, 100, &page));
	assert_int_equal(page.n, 1);
	assert_string_equal(page.events[0].data, "{\"account\":\"earnings\","
	    "\"balance\":45,\"type\":\"session\",\"amount\":45}");
}

static void
unbalanced(void)
{
	struct transfer t;

	ledger_transfer_init(&t, TRANSFER_TOPUP, 99, NOW);
	ledger_transfer_add(&t, LEDGER_OPERATOR(LEDGER_GATEWAY), -500);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(1, LEDGER_WALLET), 501);
	ledger_post(f.db, &t, &f.err);
}

static void
lone(void)
{
	struct transfer t;

	ledger_transfer_init(&t, TRANSFER_TOPUP, 99, NOW);
	ledger_post(f.db, &t, &f.err);
}

static void
seen_hold(void)
{
	struct transfer t;

	ledger_transfer_init(&t, TRANSFER_HOLD, 1, NOW);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(1, LEDGER_WALLET), -1);
	ledger_transfer_add(&t, LEDGER_OPERATOR(LEDGER_FEE), 1);
	wallet_post(f.db, &t, &f.err);
}

static void
mistakes(void **state)
{
	(void)state;
	assert_true(dies(unbalanced));
	assert_true(dies(lone));
	assert_true(dies(seen_hold));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries),
		cmocka_unit_test(hash),
		cmocka_unit_test_setup_teardown(topup, begin, end),
		cmocka_unit_test_setup_teardown(reversal, begin, end),
		cmocka_unit_test_setup_teardown(session, begin, end),
		cmocka_unit_test_setup_teardown(once, begin, end),
		cmocka_unit_test_setup_teardown(limit, begin, end),
		cmocka_unit_test_setup_teardown(events, begin, end),
		cmocka_unit_test_setup_teardown(mistakes, begin, end),
	};
	int failed;

	test_db_open(&f);
	failed = cmocka_run_group_tests_name("wallet", tests, NULL, NULL);
	test_db_close(&f);
	return failed;
}
