#include "base/metric.h"

#include <inttypes.h>
#include <stdarg.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/shared_map.h"
#include "base/str.h"

#define PLACES	2048			/* entries of the index; a power of
					 * two */
#define SLOTS	(PLACES / 8 * 7)	/* more would make probing slow */
#define OVERFLOW_NAME "earmark_metrics_overflow_total"

struct slot {
	metric value;
	char name[METRIC_NAME];
};

/*
 * Slots are allocated in order, so the slots of a process are adjacent and it
 * maps few pages. n is set last. Slots at n and beyond are free, even if a
 * process died while it wrote one. Readers without the lock see only complete
 * names.
 */
struct table {
	_Atomic uint64_t n;
	_Atomic uint16_t at[PLACES];	/* slot + 1, by hash of the name */
	struct slot slot[SLOTS];
};

static struct table *table;
static int lock = -1;
static metric dummy;

bool
metric_open(const char *dir)
{
	if (table == NULL)
		table = shared_map_open(dir, "metrics", "earmark metric3",
		    sizeof(*table), &lock);
	return table != NULL;
}

/*
 * Returns the slot of a name, plus 1, or 0 if it has none. *place is then the
 * free entry of the index for it.
 */
static size_t
find_slot(const char *name, size_t *place)
{
	size_t i = hash_fast(HASH_FAST_SEED, name, strlen(name)) % PLACES, n;
	size_t slot;

	for (n = 0; n < PLACES; n++, i = (i + 1) % PLACES) {
		*place = i;
		slot = atomic_load(&table->at[i]);
		if (slot == 0 || slot > atomic_load(&table->n))
			return 0;
		if (strncmp(table->slot[slot - 1].name, name,
		    METRIC_NAME) == 0)
			return slot;
	}
	BUG("an index that is never filled is full");
}

/* The caller holds the lock. The last slot is the overflow series. */
static size_t
find_or_make(const char *name)
{
	size_t place, slot = find_slot(name, &place);
	size_t n = atomic_load(&table->n);

	if (slot != 0)
		return slot;
	if (n >= SLOTS - 1 && !str_eq(name, OVERFLOW_NAME))
		return find_or_make(OVERFLOW_NAME);
	snprintf(table->slot[n].name, METRIC_NAME, "%s", name);
	atomic_store(&table->at[place], (uint16_t)(n + 1));
	atomic_store(&table->n, n + 1);
	return n + 1;
}

metric *
metric_get(const char *fmt, ...)
{
	char name[METRIC_NAME];
	size_t slot, place;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	if (table == NULL)
		return &dummy;
	if (n < 0 || (size_t)n >= sizeof(name)) {
		log_warn("metric", "the name %s... is too long", name);
		snprintf(name, sizeof(name), "%s", OVERFLOW_NAME);
	}
	slot = find_slot(name, &place);
	if (slot == 0) {
		shared_map_lock(lock);
		slot = find_or_make(name);
		shared_map_unlock(lock);
	}
	return &table->slot[slot - 1].value;
}

/* Orders by family (the name without labels), then by the full name. */
static int
compare_lines(const void *va, const void *vb)
{
	const char *a = (*(const struct slot *const *)va)->name;
	const char *b = (*(const struct slot *const *)vb)->name;
	size_t na = strcspn(a, "{"), nb = strcspn(b, "{");
	int c = memcmp(a, b, na < nb ? na : nb);

	if (c == 0 && na != nb)
		c = na < nb ? -1 : 1;
	return c != 0 ? c : strcmp(a, b);
}

void
metric_dump(struct buf *out)
{
	static const struct slot *list[SLOTS];
	size_t n, i;

	if (table == NULL)
		return;
	for (n = 0; n < atomic_load(&table->n) && n < SLOTS; n++)
		list[n] = &table->slot[n];
	qsort(list, n, sizeof(list[0]), compare_lines);
	for (i = 0; i < n; i++) {
		uint64_t v = atomic_load_explicit(&list[i]->value,
		    memory_order_relaxed);

		if (strstr(list[i]->name, "_seconds_sum") != NULL ||
		    strstr(list[i]->name, "_seconds_total") != NULL)
			buf_fmt(out, "%s %" PRIu64 ".%06" PRIu64 "\n",
			    list[i]->name, v / 1000000, v % 1000000);
		else
			buf_fmt(out, "%s %" PRIu64 "\n", list[i]->name, v);
	}
}
