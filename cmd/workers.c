#include "cmd/workers.h"

#include <dirent.h>
#include <signal.h>
#include <unistd.h>

#include "base/str.h"

/* The first line of a file, without its end; "" where there is none. */
static void
first_line(const char *path, char *out, size_t size)
{
	FILE *f = fopen(path, "re");

	*out = '\0';
	if (f == NULL)
		return;
	if (fgets(out, (int)size, f) == NULL)
		*out = '\0';
	fclose(f);
	out[strcspn(out, "\n")] = '\0';
}

/* The number may be another process's by now: ours is named earmark-... */
static bool
alive(int64_t pid)
{
	char path[64], name[64];

	snprintf(path, sizeof(path), "/proc/%lld/comm", (long long)pid);
	first_line(path, name, sizeof(name));
	return str_prefix(name, "earmark-");
}

void
workers_ready(const struct conf *conf, enum pool pool, struct workers *w)
{
	char prefix[64], path[4096], state[32];
	struct dirent *e;
	int64_t pid;
	DIR *d = opendir(conf->run_dir);

	w->n = 0;
	if (d == NULL)
		return;
	snprintf(prefix, sizeof(prefix), "worker-%s-", pool_names[pool]);
	while (w->n < WORKERS_MOST && (e = readdir(d)) != NULL) {
		if (!str_prefix(e->d_name, prefix) ||
		    !str_int(e->d_name + strlen(prefix), &pid) || pid < 2)
			continue;
		snprintf(path, sizeof(path), "%s/%s", conf->run_dir,
		    e->d_name);
		first_line(path, state, sizeof(state));
		if (str_eq(state, "ready") && alive(pid))
			w->pid[w->n++] = (pid_t)pid;
	}
	closedir(d);
}

bool
workers_failed(const struct conf *conf, enum pool pool, char *out, size_t size)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/failed-%s", conf->run_dir,
	    pool_names[pool]);
	first_line(path, out, size);
	return *out != '\0';
}
