#include "base/proof_map.h"

#include <stdatomic.h>
#include <stddef.h>

#include "base/shared_map.h"

/* 65,536 entries: three times the parties of 10,000 sessions. */
#define BUCKETS	2048
#define WAYS	32

struct entry {
	_Atomic int64_t seen, credential_until, device, requested_at;
	_Atomic int64_t tracked;
};

/*
 * Each page that a worker reads counts as its memory. Most lookups find no
 * entry, so the masks are together. The first entries of all buckets are
 * together too, because most buckets have few entries.
 */
static struct map {
	_Atomic uint32_t used[BUCKETS];		/* a bit for each entry */
	_Atomic int64_t key[WAYS][BUCKETS];	/* 0: no entry */
	struct entry entry[WAYS][BUCKETS];
} *map;

bool
proof_map_open(const char *dir)
{
	if (map == NULL)
		map = shared_map_open(dir, "proofs", "earmark proof3",
		    sizeof(*map), NULL);
	return map != NULL;
}

static size_t
bucket_of(int64_t key)
{
	/* Multiplicative hashing; login sessions are numbered in order. */
	uint64_t h = (uint64_t)key * UINT64_C(0x9e3779b97f4a7c15);

	return h >> 53;
}

/* Returns the place of an entry in bucket n, or WAYS. */
static size_t
find_place(int64_t key, size_t n)
{
	uint32_t used = atomic_load_explicit(&map->used[n],
	    memory_order_acquire);

	for (size_t i = 0; used != 0; i++, used >>= 1)
		if ((used & 1) != 0 && atomic_load_explicit(&map->key[i][n],
		    memory_order_acquire) == key)
			return i;
	return WAYS;
}

static struct entry *
find_entry(int64_t key)
{
	size_t n, i;

	if (map == NULL || key == 0)
		return NULL;
	n = bucket_of(key);
	i = find_place(key, n);
	return i < WAYS ? &map->entry[i][n] : NULL;
}

/* Returns the place of a new entry in bucket n: a free one, or the oldest. */
static size_t
free_place(size_t n)
{
	uint32_t used = atomic_load(&map->used[n]);
	size_t best = 0;

	for (size_t i = 0; i < WAYS; i++) {
		if ((used >> i & 1) == 0)
			return i;
		if (atomic_load(&map->entry[i][n].seen) <
		    atomic_load(&map->entry[best][n].seen))
			best = i;
	}
	return best;
}

static void
clear_entry(struct entry *e, int64_t now)
{
	atomic_store(&e->credential_until, 0);
	atomic_store(&e->device, 0);
	atomic_store(&e->requested_at, 0);
	atomic_store(&e->tracked, 0);
	atomic_store(&e->seen, now);
}

void
proof_map_add(int64_t key, int64_t now)
{
	struct entry *e = find_entry(key);
	size_t n, i;

	if (map == NULL || key == 0)
		return;
	if (e != NULL) {
		clear_entry(e, now);
		return;
	}
	n = bucket_of(key);
	i = free_place(n);
	atomic_store(&map->key[i][n], 0);
	clear_entry(&map->entry[i][n], now);
	atomic_store_explicit(&map->key[i][n], key, memory_order_release);
	atomic_fetch_or(&map->used[n], UINT32_C(1) << i);
}

void
proof_map_remove(int64_t key)
{
	size_t n, i;

	if (map == NULL || key == 0)
		return;
	n = bucket_of(key);
	i = find_place(key, n);
	if (i == WAYS)
		return;
	atomic_fetch_and(&map->used[n], ~(UINT32_C(1) << i));
	atomic_store(&map->key[i][n], 0);
}

bool
proof_map_get(int64_t key, struct proof *p)
{
	struct entry *e = find_entry(key);

	if (e == NULL)
		return false;
	*p = (struct proof){ .seen = atomic_load(&e->seen),
	    .tracked = atomic_load(&e->tracked) != 0,
	    .credential_until = atomic_load(&e->credential_until),
	    .device = atomic_load(&e->device),
	    .requested_at = atomic_load(&e->requested_at) };
	return true;
}

void
proof_map_seen(int64_t device, bool tracked, int64_t now)
{
	struct entry *e = find_entry(device);

	if (e == NULL)
		return;
	atomic_store_explicit(&e->seen, now, memory_order_relaxed);
	if (tracked)
		atomic_store_explicit(&e->tracked, 1, memory_order_relaxed);
}

void
proof_map_track(int64_t device)
{
	struct entry *e = find_entry(device);

	if (e != NULL && atomic_load_explicit(&e->tracked,
	    memory_order_relaxed) == 0)
		atomic_store_explicit(&e->tracked, 1, memory_order_relaxed);
}

void
proof_map_credential(int64_t device, int64_t until)
{
	struct entry *e = find_entry(device);

	if (e != NULL)
		atomic_store(&e->credential_until, until);
}

void
proof_map_request(int64_t user, int64_t device, int64_t now)
{
	struct entry *e = find_entry(-user);
	int64_t none = 0;

	/* The time is stored first: readers check the login session. */
	if (e == NULL || atomic_load(&e->device) != 0)
		return;
	if (atomic_compare_exchange_strong(&e->requested_at, &none, now))
		atomic_store(&e->device, device);
}
