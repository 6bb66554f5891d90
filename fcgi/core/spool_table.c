#include "fcgi/core/spool_table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/shared_map.h"
#include "base/str.h"

#define TURN_US	(SPOOL_TURN_MS * INT64_C(1000))

struct slot {
	_Atomic int64_t used;
	_Atomic int64_t user;
	_Atomic int64_t ticket;		/* place in the queue; 0: not in it */
	_Atomic int64_t bytes;
};

struct table {
	_Atomic int64_t tickets;	/* given so far */
	struct slot slot[SPOOL_SLOTS];
};

static struct {
	struct table *table;
	int map_fd, lock_fd;
	bool mine[SPOOL_SLOTS];		/* this process holds its byte */
	int turn;			/* the slot that has the turn, or -1 */
	int64_t turn_at;		/* since when, in us */
} t = { .turn = -1 };

static bool
open_table(const struct conf *conf)
{
	char name[4096];

	if (t.table != NULL)
		return true;
	snprintf(name, sizeof(name), "%s/spool.lock", conf->run_dir);
	t.lock_fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (t.lock_fd < 0) {
		log_error("spool", "%s: %s", name, strerror(errno));
		return false;
	}
	t.table = shared_map_open(conf->run_dir, "spools", "earmark spool2",
	    sizeof(*t.table), &t.map_fd);
	if (t.table == NULL)
		close(t.lock_fd);
	return t.table != NULL;
}

/* Locks or unlocks a slot's byte for this process. */
static bool
lock_byte(int slot, short type)
{
	struct flock byte = { .l_type = type, .l_whence = SEEK_SET,
	    .l_start = slot, .l_len = 1 };

	return fcntl(t.lock_fd, F_OFD_SETLK, &byte) == 0;
}

static void
clear_slot(struct slot *s)
{
	atomic_store(&s->ticket, 0);
	atomic_store(&s->bytes, 0);
	atomic_store(&s->user, 0);
	atomic_store(&s->used, 0);
}

/*
 * Frees the slot if its process has ended, even while it took the slot. The
 * table must be locked.
 */
static void
free_if_dead(int slot)
{
	struct slot *s = &t.table->slot[slot];

	if ((!atomic_load(&s->used) && atomic_load(&s->ticket) == 0) ||
	    t.mine[slot] || !lock_byte(slot, F_WRLCK))
		return;
	clear_slot(s);
	lock_byte(slot, F_UNLCK);
}

enum spool_claim
spool_table_claim(const struct conf *conf, int64_t user, int *slot)
{
	enum spool_claim result = SPOOL_NO_SLOT;
	struct slot *s;
	int i, unused = -1;

	if (!open_table(conf))
		return SPOOL_FAULT;
	shared_map_lock(t.map_fd);
	for (i = 0; i < SPOOL_SLOTS; i++) {
		s = &t.table->slot[i];
		free_if_dead(i);
		if (!atomic_load(&s->used))
			unused = unused < 0 ? i : unused;
		else if (user != 0 && atomic_load(&s->user) == user)
			result = SPOOL_SAME_USER;
	}
	if (result == SPOOL_NO_SLOT && unused >= 0 &&
	    lock_byte(unused, F_WRLCK)) {
		s = &t.table->slot[unused];
		t.mine[unused] = true;
		atomic_store(&s->user, user);
		atomic_store(&s->ticket,
		    atomic_fetch_add(&t.table->tickets, 1) + 1);
		atomic_store(&s->used, 1);
		*slot = unused;
		result = SPOOL_CLAIMED;
	}
	shared_map_unlock(t.map_fd);
	return result;
}

/* Is another slot in the queue, before this ticket? */
static bool
others_wait(int slot, int64_t ticket)
{
	int64_t other;
	int i;

	for (i = 0; i < SPOOL_SLOTS; i++) {
		other = atomic_load(&t.table->slot[i].ticket);
		if (i == slot || other == 0 || other > ticket)
			continue;
		shared_map_lock(t.map_fd);
		free_if_dead(i);
		shared_map_unlock(t.map_fd);
		if (atomic_load(&t.table->slot[i].ticket) != 0)
			return true;
	}
	return false;
}

bool
spool_table_turn(int slot)
{
	if (t.turn == slot)
		return true;
	if (t.turn >= 0 ||
	    others_wait(slot, atomic_load(&t.table->slot[slot].ticket)) ||
	    flock(t.lock_fd, LOCK_EX | LOCK_NB) != 0)
		return false;
	t.turn = slot;
	t.turn_at = clock_mono();
	return true;
}

static void
give_turn(int slot)
{
	if (t.turn != slot)
		return;
	flock(t.lock_fd, LOCK_UN);
	t.turn = -1;
}

void
spool_table_pass(int slot)
{
	if (t.turn != slot || clock_mono() - t.turn_at < TURN_US ||
	    !others_wait(slot, INT64_MAX))
		return;
	atomic_store(&t.table->slot[slot].ticket,
	    atomic_fetch_add(&t.table->tickets, 1) + 1);
	give_turn(slot);
}

void
spool_table_produced(int slot)
{
	atomic_store(&t.table->slot[slot].ticket, 0);
	give_turn(slot);
}

int64_t
spool_table_add(int slot, int64_t bytes)
{
	int64_t sum = 0;
	int i;

	atomic_fetch_add(&t.table->slot[slot].bytes, bytes);
	for (i = 0; i < SPOOL_SLOTS; i++)
		sum += atomic_load(&t.table->slot[i].bytes);
	return sum;
}

void
spool_table_release(int slot)
{
	give_turn(slot);
	shared_map_lock(t.map_fd);
	clear_slot(&t.table->slot[slot]);
	t.mine[slot] = false;
	lock_byte(slot, F_UNLCK);
	shared_map_unlock(t.map_fd);
}
