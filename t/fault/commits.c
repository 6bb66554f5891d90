/*
 * commits: saves and unsaves by the way that the workers take (lib/dom on
 * lib/db), one transaction each, for the power cut test to trace. After each
 * commit it says so on standard output, as a worker answers its client.
 *
 *	commits DATABASE LOCK N SEED
 *
 * Users 1..20 and flyers 1..20 must be there. It is built twice: as it is, and
 * with synchronous=NORMAL, which must be found out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "dom/favorite.h"

#define PEOPLE		20
#define PASSIVE		23	/* commits between checkpoints */
#define TRUNCATE	140

static bool
commit_one(struct db *db, int64_t n, int64_t user, int64_t flyer)
{
	struct fav_change c = {
		.user = user, .kind = FAV_FLYER, .entity_id = flyer,
		.now = clock_now(), .request_id = "powercut"
	};
	bool there, done = false;
	char line[64];
	int len;

	if (db_write(db) != RC_OK)
		return false;
	if (favorite_find(db, user, FAV_FLYER, flyer, &there, NULL) != RC_OK)
		return false;
	if ((there ? favorite_remove(db, &c, &done) :
	    favorite_add(db, &c, &done, NULL)) != RC_OK || !done)
		return false;
	if (db_commit(db) != RC_OK)
		return false;
	len = snprintf(line, sizeof(line), "ACK %lld %lld %lld %d\n",
	    (long long)n, (long long)user, (long long)flyer, !there);
	return write(STDOUT_FILENO, line, (size_t)len) == len;
}

int
main(int argc, char **argv)
{
	struct arena arena;
	struct db *db;
	struct err err;
	int64_t n, seed, i;
	int left;

	if (argc != 5 || !str_int(argv[3], &n) || !str_int(argv[4], &seed))
		return 2;
	log_init("commits", LOG_WARN);
	arena_init(&arena, 65536);
	err_init(&err, &arena);
	db = db_open(argv[1], argv[2], DB_SERVE, &err);
	if (db == NULL) {
		fprintf(stderr, "commits: %s\n", err.message);
		return 1;
	}
	srandom((unsigned)seed);
	for (i = 1; i <= n; i++) {
		if (!commit_one(db, i, random() % PEOPLE + 1,
		    random() % PEOPLE + 1)) {
			fprintf(stderr, "commits: commit %lld failed\n",
			    (long long)i);
			return 1;
		}
		if (i % PASSIVE == 0 &&
		    db_checkpoint(db, i % TRUNCATE < PASSIVE, &left) != RC_OK)
			return 1;
	}
	db_close(db);
	return 0;
}
