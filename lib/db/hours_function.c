#include "db/hours_function.h"

#include "base/opening_hours.h"
#include "base/str.h"

/* Reads the first three arguments. If it returns NULL, the result is set. */
static const char *
read_hours(sqlite3_context *context, sqlite3_value **v,
    struct opening_hours *hours)
{
	const char *zone = (const char *)sqlite3_value_text(v[0]);
	const char *weekly = (const char *)sqlite3_value_text(v[1]);
	const char *exceptions = (const char *)sqlite3_value_text(v[2]);

	if (zone == NULL || weekly == NULL || exceptions == NULL)
		return NULL;
	if (opening_hours_parse(weekly, exceptions, hours))
		return zone;
	sqlite3_result_error(context, "invalid hours", -1);
	return NULL;
}

static void
hours_include(sqlite3_context *context, int n, sqlite3_value **v)
{
	struct opening_hours hours;
	const char *zone = read_hours(context, v, &hours);

	(void)n;
	if (zone != NULL)
		sqlite3_result_int(context, opening_hours_include(&hours, zone,
		    sqlite3_value_int64(v[3])));
}

static void
hours_next(sqlite3_context *context, int n, sqlite3_value **v)
{
	struct opening_hours hours;
	const char *zone = read_hours(context, v, &hours);
	int64_t at;

	(void)n;
	if (zone == NULL)
		return;
	/* A null of not_before reads as 0. */
	at = opening_hours_next(&hours, zone, sqlite3_value_int64(v[3]),
	    sqlite3_value_int64(v[4]));
	if (at != INT64_MIN)
		sqlite3_result_int64(context, at);
}

int
hours_function_register(sqlite3 *sql)
{
	int flags = SQLITE_UTF8 | SQLITE_DIRECTONLY;
	int rc = sqlite3_create_function_v2(sql, "hours_include", 4, flags,
	    NULL, hours_include, NULL, NULL, NULL);

	return rc != SQLITE_OK ? rc : sqlite3_create_function_v2(sql,
	    "hours_next", 5, flags, NULL, hours_next, NULL, NULL, NULL);
}
