/* session_rules: decides about live sessions at the boundaries of each rule. */
#include "unit.h"

#include "domain/calls/session_rules.h"

#define START	INT64_C(1000000000000)
#define LOST	MINUTE

static struct session call_session = { .call = 1, .started_at = START,
	.billed_from = START, .gap_from = INT64_MIN, .gap_until = INT64_MIN };

static struct session_party
party(int64_t proof)
{
	return (struct session_party){ .device = 1, .proof_at = proof,
	    .tracked = true, .credential_until = INT64_MIN,
	    .connected_at = INT64_MIN, .joined_at = INT64_MIN,
	    .left_at = INT64_MIN, .media_seq = INT64_MIN,
	    .requested_at = INT64_MIN };
}

static struct session_decision
decide(const struct session *s, const struct session_party *customer,
    const struct session_party *listener, int64_t now)
{
	const struct session_party p[SESSION_PARTIES] = { *customer,
		*listener };

	return session_rules_decide(s, p, LOST, now);
}

static void
lost_at_last_proof(void **state)
{
	struct session_party old = party(START + 5 * SECOND);
	struct session_party fresh = party(START + 65 * SECOND);
	struct session_decision d;
	int64_t now = START + 65 * SECOND;

	(void)state;
	d = decide(&call_session, &old, &fresh, now);
	assert_int_equal(d.verdict, SESSION_CONTINUES);
	d = decide(&call_session, &old, &fresh, now + 1);
	assert_int_equal(d.verdict, SESSION_OVER);
	assert_int_equal(d.cause, SESSION_CAUSE_LOST_CUSTOMER);
	assert_int_equal(d.at, START + 5 * SECOND);
	assert_int_equal(d.at_otherwise, now + 1);
	d = decide(&call_session, &fresh, &old, now + 1);
	assert_int_equal(d.cause, SESSION_CAUSE_LOST_LISTENER);
	assert_int_equal(d.at, START + 5 * SECOND);
}

/* If both are lost, the earlier proof counts. */
static void
both_lost(void **state)
{
	struct session_party first = party(START + 5 * SECOND);
	struct session_party second = party(START + 9 * SECOND);
	struct session_decision d;
	int64_t now = START + HOUR;

	(void)state;
	d = decide(&call_session, &second, &first, now);
	assert_int_equal(d.cause, SESSION_CAUSE_LOST_LISTENER);
	assert_int_equal(d.at, START + 5 * SECOND);
	d = decide(&call_session, &first, &second, now);
	assert_int_equal(d.cause, SESSION_CAUSE_LOST_CUSTOMER);
	assert_int_equal(d.at, START + 5 * SECOND);
	/* Without lost sessions left, the listener's loss ends it. */
	assert_int_equal(d.cause_otherwise, SESSION_CAUSE_LOST_LISTENER);
	assert_int_equal(d.at_otherwise, START + 9 * SECOND);
}

static void
proofs(void **state)
{
	struct session_party p = party(START);
	int64_t now = START + HOUR;

	(void)state;
	assert_int_equal(session_rules_proof(&p, now), START);
	p.credential_until = START + 5 * MINUTE;
	assert_int_equal(session_rules_proof(&p, now), START);
	p.tracked = false;
	assert_int_equal(session_rules_proof(&p, now), START + 5 * MINUTE);
	assert_int_equal(session_rules_proof(&p, START + 1), START + 1);
	p.joined_at = START;
	assert_int_equal(session_rules_proof(&p, now), now);
	p.left_at = START + 7 * MINUTE;
	assert_int_equal(session_rules_proof(&p, now), START + 7 * MINUTE);
	/* The clock was set back. */
	assert_int_equal(session_rules_proof(&p, START - HOUR), START - HOUR);
}

static void
waiting(void **state)
{
	struct session s = call_session;
	struct session_party customer = party(START), listener = party(START);
	struct session_decision d;

	(void)state;
	s.call = INT64_MIN;
	s.waiting = true;
	listener.device = 0;
	d = decide(&s, &customer, &listener, START + 30 * SECOND - 1);
	assert_int_equal(d.verdict, SESSION_CONTINUES);
	d = decide(&s, &customer, &listener, START + 30 * SECOND);
	assert_int_equal(d.verdict, SESSION_OVER);
	assert_int_equal(d.cause, SESSION_CAUSE_FAILED);
	assert_true(d.free_of_charge);
	listener.requested_at = START + 30 * SECOND;
	d = decide(&s, &customer, &listener, START + 50 * SECOND);
	assert_int_equal(d.verdict, SESSION_CONFIRMED);
	assert_int_equal(d.at, START + 30 * SECOND);
	listener.requested_at++;
	d = decide(&s, &customer, &listener, START + 50 * SECOND);
	assert_int_equal(d.cause, SESSION_CAUSE_FAILED);
}

static void
outage(void **state)
{
	struct session s = call_session;
	struct session_party before = party(START + SECOND);
	struct session_party after = party(START + HOUR);
	struct session_decision d;

	(void)state;
	s.gap_from = START + 2 * SECOND;
	s.gap_until = START + HOUR;
	s.gap_open = true;
	d = decide(&s, &after, &after, START + HOUR);
	assert_int_equal(d.verdict, SESSION_RESUMED);
	d = decide(&s, &after, &before, START + HOUR + LOST);
	assert_int_equal(d.verdict, SESSION_CONTINUES);
	d = decide(&s, &after, &before, START + HOUR + LOST + 1);
	assert_int_equal(d.verdict, SESSION_OVER);
	assert_int_equal(d.cause, SESSION_CAUSE_OUTAGE);
	assert_int_equal(d.at, START + 2 * SECOND);
}

static void
media(void **state)
{
	struct session s = call_session;
	struct session_party a = party(START + HOUR), b = a;
	struct session_party p[SESSION_PARTIES];
	struct session_decision d;
	int64_t late = START + SESSION_JOIN_WITHIN + SESSION_MEDIA_DELAY;

	(void)state;
	/* No report: nothing fails. */
	d = decide(&s, &a, &b, START + HOUR);
	assert_int_equal(d.verdict, SESSION_CONTINUES);
	a.joined_at = START;
	d = decide(&s, &a, &b, late - 1);
	assert_int_equal(d.verdict, SESSION_CONTINUES);
	d = decide(&s, &a, &b, late);
	assert_int_equal(d.cause, SESSION_CAUSE_FAILED);
	b.joined_at = START + SESSION_JOIN_WITHIN + 1;
	d = decide(&s, &a, &b, late);
	assert_int_equal(d.cause, SESSION_CAUSE_FAILED);
	b.joined_at--;
	d = decide(&s, &a, &b, late);
	assert_int_equal(d.verdict, SESSION_CONTINUES);
	p[0] = a;
	p[1] = b;
	assert_int_equal(session_rules_start(&s, p), START + 30 * SECOND);
	b.left_at = START + 10 * MINUTE;
	b.left_intent = true;
	d = decide(&s, &a, &b, b.left_at + 15 * SECOND - 1);
	assert_int_equal(d.verdict, SESSION_CONTINUES);
	d = decide(&s, &a, &b, b.left_at + 15 * SECOND);
	assert_int_equal(d.cause, SESSION_CAUSE_LISTENER);
	assert_int_equal(d.at, b.left_at);
	b.left_intent = false;
	d = decide(&s, &a, &b, b.left_at + 15 * SECOND);
	assert_int_equal(d.verdict, SESSION_CONTINUES);
}

static void
connected(void **state)
{
	struct session s = call_session;
	struct session_party p[SESSION_PARTIES] = { party(START),
		party(START) };

	(void)state;
	p[0].connected_at = START + 4 * SECOND;
	assert_int_equal(session_rules_start(&s, p), START);
	p[1].connected_at = START + 3 * SECOND;
	assert_int_equal(session_rules_start(&s, p), START + 4 * SECOND);
	p[1].connected_at = START + MINUTE;
	assert_int_equal(session_rules_start(&s, p), START + 30 * SECOND);
}

static void
gap_used(void **state)
{
	struct session s = call_session;
	struct session_party p[SESSION_PARTIES] = { party(START),
		party(START) };

	(void)state;
	s.gap_from = START + MINUTE;
	s.gap_until = START + HOUR;
	assert_false(session_rules_gap_used(&s, p));
	p[0].joined_at = p[1].joined_at = START;
	p[0].left_at = p[1].left_at = START + HOUR;
	assert_true(session_rules_gap_used(&s, p));
	p[1].left_at--;
	assert_false(session_rules_gap_used(&s, p));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lost_at_last_proof),
		cmocka_unit_test(both_lost), cmocka_unit_test(proofs),
		cmocka_unit_test(waiting), cmocka_unit_test(outage),
		cmocka_unit_test(media), cmocka_unit_test(connected),
		cmocka_unit_test(gap_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
