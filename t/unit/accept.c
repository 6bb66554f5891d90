/* accept: content negotiation. */
#include "unit.h"

#include "fcgi/core/accept.h"

#define PROBLEM "application/problem+json"
#define JSON "application/json"

static void
problems_are_sent_only_if_named(void **state)
{
	(void)state;
	assert_false(accept_problem(NULL));
	assert_false(accept_problem(""));
	assert_false(accept_problem("*/*"));
	assert_false(accept_problem("application/*"));
	assert_false(accept_problem(JSON));
	assert_false(accept_problem(PROBLEM "x"));
	assert_false(accept_problem("x" PROBLEM));
	assert_true(accept_problem(PROBLEM));
	assert_true(accept_problem("Application/Problem+JSON"));
	assert_true(accept_problem("text/html, " PROBLEM ", */*;q=0.1"));
	assert_true(accept_problem(PROBLEM ";charset=utf-8"));
}

static void
qualities_decide_before_the_order(void **state)
{
	(void)state;
	assert_true(accept_problem(PROBLEM "," JSON));
	assert_false(accept_problem(JSON ", " PROBLEM));
	assert_true(accept_problem(JSON ";q=0.9, " PROBLEM));
	assert_true(accept_problem(JSON ";q=0.5," PROBLEM ";q=0.501"));
	assert_false(accept_problem(PROBLEM ";q=0.5, " JSON));
	assert_false(accept_problem(PROBLEM "; q=0.8 ," JSON " ; Q=0.9"));
	assert_false(accept_problem(PROBLEM ";q=0"));
	assert_false(accept_problem(PROBLEM ";q=0.000"));
	assert_true(accept_problem(PROBLEM ";a=b;q=1.000, " JSON ";q=0"));
	assert_false(accept_problem(JSON ";q=0.1," PROBLEM ";q=0.1;x"));
}

static void
wildcards_are_qualities_of_json(void **state)
{
	(void)state;
	assert_false(accept_problem(PROBLEM ";q=0.5, */*;q=0.8"));
	assert_false(accept_problem(PROBLEM ";q=0.5, */*"));
	assert_true(accept_problem(PROBLEM ", */*"));
	assert_true(accept_problem("*/*, " PROBLEM));
	assert_true(accept_problem(PROBLEM ";q=0.5, application/*;q=0.4, */*"));
	assert_false(accept_problem("application/*;q=0.6, " PROBLEM ";q=0.5"));
	assert_true(accept_problem(PROBLEM ";q=0.5, " JSON ";q=0.4, */*"));
}

static void
malformed_qualities_are_ignored(void **state)
{
	(void)state;
	assert_false(accept_problem(PROBLEM ";q="));
	assert_false(accept_problem(PROBLEM ";q=2"));
	assert_false(accept_problem(PROBLEM ";q=1.001"));
	assert_false(accept_problem(PROBLEM ";q=0.0001"));
	assert_false(accept_problem(PROBLEM ";q=-1"));
	assert_true(accept_problem(JSON ";q=x, " PROBLEM));
	assert_true(accept_problem(PROBLEM ";"));
	assert_true(accept_problem(",,;," PROBLEM));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(problems_are_sent_only_if_named),
		cmocka_unit_test(qualities_decide_before_the_order),
		cmocka_unit_test(wildcards_are_qualities_of_json),
		cmocka_unit_test(malformed_qualities_are_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
