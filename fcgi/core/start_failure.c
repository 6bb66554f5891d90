#include "fcgi/core/start_failure.h"

#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/process_status.h"
#include "base/str.h"

static void
file_name(const struct conf *conf, enum pool pool, char *name, size_t size)
{
	snprintf(name, size, "%s/failed-%s", conf->run_dir, pool_names[pool]);
}

int
start_failure(const struct conf *conf, enum pool pool, const char *why)
{
	struct timespec nap = { 0, 400 * 1000000 };
	char name[4096], before[512] = "";
	FILE *f;

	file_name(conf, pool, name, sizeof(name));
	f = fopen(name, "re");
	if (f != NULL) {
		if (fgets(before, sizeof(before), f) == NULL)
			before[0] = '\0';
		fclose(f);
	}
	if (!str_eq(before, why)) {
		log_error("start", "%s", why);
		f = fopen(name, "we");
		if (f != NULL) {
			fputs(why, f);
			fclose(f);
		}
	}
	log_flush();
	process_status_worker_end();
	nanosleep(&nap, NULL);
	return 1;
}

void
start_failure_clear(const struct conf *conf, enum pool pool)
{
	char name[4096];

	file_name(conf, pool, name, sizeof(name));
	unlink(name);
}
