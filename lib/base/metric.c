#include "base/metric.h"

#include <inttypes.h>
#include <stdarg.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/map.h"
#include "base/str.h"

#define SLOTS	2048			/* a power of two */
#define FULL	(SLOTS / 8 * 7)		/* beyond, probing would get slow */
#define OVERFLOW_NAME "earmark_metrics_overflow_total"

/* used is set last, so a reader without the lock sees whole names. */
struct slot {
	metric value;
	_Atomic uint32_t used;
	uint32_t unused_;
	char name[METRIC_NAME];
};

struct table {
	_Atomic uint64_t n;
	struct slot slot[SLOTS];
};

static struct table *table;
static int lock = -1;
static metric dummy;

bool
metric_open(const char *dir)
{
	if (table == NULL)
		table = map_open(dir, "metrics", "earmark metric2",
		    sizeof(*table), &lock);
	return table != NULL;
}

/* The slot of a name, or the free one where it belongs. */
static struct slot *
slot_of(const char *name)
{
	size_t i = hash_fast(HASH_FAST_SEED, name, strlen(name)) % SLOTS, n;
	struct slot *s;

	for (n = 0; n < SLOTS; n++, i = (i + 1) % SLOTS) {
		s = &table->slot[i];
		if (!atomic_load(&s->used) ||
		    strncmp(s->name, name, METRIC_NAME) == 0)
			return s;
	}
	BUG("a table that is never filled is full");
}

/* With the lock held. */
static metric *
find_or_make(const char *name)
{
	struct slot *s = slot_of(name);

	if (atomic_load(&s->used))
		return &s->value;
	if (atomic_load(&table->n) >= FULL && !str_eq(name, OVERFLOW_NAME))
		return find_or_make(OVERFLOW_NAME);
	snprintf(s->name, sizeof(s->name), "%s", name);
	atomic_fetch_add(&table->n, 1);
	atomic_store(&s->used, 1);
	return &s->value;
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
	map_lock(lock);
	m = find_or_make(name);
	map_unlock(lock);
	return m;
}

/* By family (the name without labels), then by the whole. */
static int
compare(const void *va, const void *vb)
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
	size_t n = 0, i;

	if (table == NULL)
		return;
	for (i = 0; i < SLOTS; i++)
		if (atomic_load(&table->slot[i].used))
			list[n++] = &table->slot[i];
	qsort(list, n, sizeof(list[0]), compare);
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
