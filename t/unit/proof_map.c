/* proof_map: entries are found, replaced, claimed and removed. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/proof_map.h"

#define MANY	20000

static void
without_map(void **state)
{
	struct proof p;

	(void)state;
	proof_map_add(1, 1);
	proof_map_seen(1, true, 2);
	assert_false(proof_map_get(1, &p));
}

static void
proofs(void **state)
{
	struct proof p;

	(void)state;
	proof_map_seen(7, true, 5);
	assert_false(proof_map_get(7, &p));
	proof_map_add(7, 10);
	assert_true(proof_map_get(7, &p));
	assert_int_equal(p.seen, 10);
	assert_false(p.tracked);
	proof_map_seen(7, false, 20);
	proof_map_credential(7, 99);
	assert_true(proof_map_get(7, &p));
	assert_int_equal(p.seen, 20);
	assert_int_equal(p.credential_until, 99);
	assert_false(p.tracked);
	proof_map_seen(7, true, 30);
	assert_true(proof_map_get(7, &p));
	assert_true(p.tracked);
	proof_map_add(7, 40);
	assert_true(proof_map_get(7, &p));
	assert_false(p.tracked);
	assert_int_equal(p.credential_until, 0);
	proof_map_track(7);
	assert_true(proof_map_get(7, &p));
	assert_true(p.tracked);
	assert_int_equal(p.seen, 40);
	proof_map_remove(7);
	proof_map_track(7);
	assert_false(proof_map_get(7, &p));
}

/* Only the first request of a listener counts. */
static void
requests(void **state)
{
	struct proof p;

	(void)state;
	proof_map_request(5, 50, 1);
	assert_false(proof_map_get(-5, &p));
	proof_map_add(-5, 1);
	assert_true(proof_map_get(-5, &p));
	assert_int_equal(p.device, 0);
	proof_map_request(5, 50, 2);
	proof_map_request(5, 51, 3);
	assert_true(proof_map_get(-5, &p));
	assert_int_equal(p.device, 50);
	assert_int_equal(p.requested_at, 2);
	proof_map_remove(-5);
}

/* Returns the KiB of the map that are in the memory of this process. */
static long
resident(void)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	bool ours = false;
	char line[512];
	long n = 0, one;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strchr(line, '-') != NULL && strchr(line, '/') != NULL)
			ours = strstr(line, "/proofs\n") != NULL;
		if (ours && sscanf(line, "Rss: %ld", &one) == 1)
			n += one;
	}
	fclose(f);
	return n;
}

/* The parties of 1,000 sessions need a third of the map of 3 MiB. */
static void
few_pages(void **state)
{
	long n;

	(void)state;
	if (emulated())
		return;
	for (int64_t i = 1; i <= 1000; i++) {
		proof_map_add(i, 1);
		proof_map_add(-i, 1);
	}
	n = resident();
	assert_in_range(n, 1, 1024);
	for (int64_t i = 1; i <= 1000; i++) {
		proof_map_remove(i);
		proof_map_remove(-i);
	}
}

/* The parties of 10,000 sessions have space at the same time. */
static void
many(void **state)
{
	struct proof p;

	(void)state;
	for (int64_t i = 1; i <= MANY; i++)
		proof_map_add(i * 3, i);
	for (int64_t i = 1; i <= MANY; i++) {
		assert_true(proof_map_get(i * 3, &p));
		assert_int_equal(p.seen, i);
	}
	for (int64_t i = 1; i <= MANY; i++)
		proof_map_remove(i * 3);
	assert_false(proof_map_get(3, &p));
}

static char dir[] = "/tmp/proofs.XXXXXX";

static int
open_map(void **state)
{
	(void)state;
	return mkdtemp(dir) != NULL && proof_map_open(dir) ? 0 : -1;
}

static int
remove_map(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/proofs", dir);
	unlink(path);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_map),
		cmocka_unit_test_setup(proofs, open_map),
		cmocka_unit_test(requests),
		cmocka_unit_test(few_pages),
		cmocka_unit_test_teardown(many, remove_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
