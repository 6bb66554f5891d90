#include "base/metric.h"

#include <inttypes.h>
#include <stdarg.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/shared_map.h"
#include "base/str.h"

#define PLACES	2048			/* of the index; a power of two */
#define SLOTS	(PLACES / 8 * 7)	/* beyond, probing would get slow */
#define OVERFLOW_NAME "earmark_metrics_overflow_total"

struct slot {
	metric value;
	char name[METRIC_NAME];
};

/*
 * Slots are taken in order, so that those which a process counts in lie side by
 * side and it maps few pages. n is set last: what lies at n or beyond is not
 * there, whoever died in the middle, and who reads without the lock sees whole
 * names.
 */
struct table {
	_Atomic uint64_t n;
	_Atomic uint16_t at[PLACES];	/* the slot + 1, by the name's hash */
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

/* The place of a name in the index, or the free one where it belongs. */
static size_t
place_of(const char *name)
{
	size_t i = hash_fast(HASH_FAST_SEED, name, strlen(name)) % PLACES, n;
	size_t slot;

	for (n = 0; n < PLACES; n++, i = (i + 1) % PLACES) {
		slot = atomic_load(&table->at[i]);
		if (slot == 0 || slot > atomic_load(&table->n) ||
		    strncmp(table->slot[slot - 1].name, name,
		    METRIC_NAME) == 0)
			return i;
	}
	BUG("an index that is never filled is full");
}

/* With the lock held. The last slot is for all that find no other. */
static metric *
find_or_make(const char *name)
{
	size_t i = place_of(name), slot = atomic_load(&table->at[i]);
	size_t n = atomic_load(&table->n);

	if (slot != 0 && slot <= n)
		return &table->slot[slot - 1].value;
	if (n >= SLOTS - 1 && !str_eq(name, OVERFLOW_NAME))
		return find_or_make(OVERFLOW_NAME);
	snprintf(table->slot[n].name, METRIC_NAME, "%s", name);
	atomic_store(&table->at[i], (uint16_t)(n + 1));
	atomic_store(&table->n, n + 1);
	return &table->slot[n].value;
}

metric *
metric_get(const char *fmt, ...)
{
	char name[METRIC_NAME];
	metric *m;
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
	shared_map_lock(lock);
	m = find_or_make(name);
	shared_map_unlock(lock);
	return m;
}

/* By family (the name without labels), then by the whole. */
static int
compare_metric(const void *va, const void *vb)
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
	qsort(list, n, sizeof(list[0]), compare_metric);
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
