/* What is asked on the command line, and handing it over to jq. */
#include "jq.h"

#include <err.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static char **args;
static struct buf input;	/* what was read of standard input */
static bool stdin_read;

/* The next jq in PATH after this one. */
static void
other_jq(void)
{
	const char *path = getenv("PATH"), *end;
	struct stat this, file;
	char *name;

	if (stat("/proc/self/exe", &this) != 0)
		err(2, "/proc/self/exe");
	for (; path != NULL && *path != 0; path = *end == 0 ? end : end + 1) {
		end = strchrnul(path, ':');
		name = arena_fmt(&mem, "%.*s/jq", (int)(end - path), path);
		if (stat(name, &file) == 0 && S_ISREG(file.st_mode) &&
		    (file.st_ino != this.st_ino || file.st_dev != this.st_dev)) {
			args[0] = name;
			execv(name, args);
		}
	}
}

void
doubt(void)
{
	size_t done = 0;
	ssize_t n;
	int fd;

	if (getenv("JQ_DOUBT") != NULL)
		errx(99, "not known here");
	if (stdin_read) {
		if ((fd = memfd_create("input", 0)) < 0)
			err(2, "memfd_create");
		for (; done < input.len; done += (size_t)n)
			if ((n = write(fd, input.data + done,
			    input.len - done)) <= 0)
				err(2, "write");
		lseek(fd, 0, SEEK_SET);
		dup2(fd, STDIN_FILENO);
	}
	other_jq();
	errx(127, "there is no other jq");
}

static void
gather(struct buf *b, int fd)
{
	ssize_t n;

	do {
		if (!buf_reserve(b, 1 << 16))
			errx(2, "too much input");
		if ((n = read(fd, b->data + b->len, 1 << 16)) < 0)
			doubt();
		b->len += (size_t)n;
	} while (n > 0);
}

struct ask {
	bool raw, compact, status, null, slurp;
	const char *filter;
	struct env *env;
	struct value *named;
	char **file;
};

static void
given(struct ask *ask, const char *name, const struct value *value)
{
	struct env *env = arena_new(&mem, struct env);

	*env = (struct env){ name, value, ask->env };
	ask->env = env;
	v_set(ask->named, v_text(name, strlen(name)), value);
}

static void
options(struct ask *ask, int n)
{
	struct value *all;
	const char *c;
	size_t from;
	char **arg = args + 1;

	ask->named = v_many(V_OBJECT, (size_t)n);
	ask->file = arena_zalloc(&mem, (size_t)n + 1, sizeof(*ask->file));
	n = 0;
	for (; *arg != NULL; arg++) {
		bool json = str_eq(*arg, "--argjson");

		if (json || str_eq(*arg, "--arg")) {
			if (arg[1] == NULL || arg[2] == NULL)
				doubt();
			from = 0;
			given(ask, arg[1], json ?
			    v_read(arg[2], strlen(arg[2]), &from) :
			    v_text(arg[2], strlen(arg[2])));
			arg += 2;
		} else if (**arg == '-') {
			for (c = *arg + 1; *c != 0; c++) {
				ask->raw |= *c == 'r';
				ask->compact |= *c == 'c';
				ask->status |= *c == 'e';
				ask->null |= *c == 'n';
				ask->slurp |= *c == 's';
				if (strchr("rcens", *c) == NULL)
					doubt();
			}
			if (c == *arg + 1)
				doubt();
		} else if (ask->filter == NULL) {
			ask->filter = *arg;
		} else {
			ask->file[n++] = *arg;
		}
	}
	if (ask->filter == NULL || (ask->null && ask->slurp) ||
	    (!ask->compact && isatty(STDOUT_FILENO)))
		doubt();
	all = v_many(V_OBJECT, 1);
	v_set(all, v_text("named", 5), ask->named);
	ask->env = memcpy(arena_new(&mem, struct env),
	    &(struct env){ "ARGS", all, ask->env }, sizeof(struct env));
}

static struct list
inputs(const struct ask *ask)
{
	struct list all = { 0 };
	const struct value *v;
	struct value *slurped;
	struct buf files;
	size_t at = 0, i;
	int fd;

	if (ask->null) {
		list_add(&all, &v_null);
		return all;
	}
	buf_init(&files, SIZE_MAX / 2);
	for (i = 0; ask->file[i] != NULL; i++) {
		if ((fd = open(ask->file[i], O_RDONLY | O_CLOEXEC)) < 0)
			doubt();
		gather(&files, fd);
		close(fd);
	}
	if (i == 0) {
		stdin_read = true;
		gather(&input, STDIN_FILENO);
		files = input;
	}
	while (files.len > 0 && (v = v_read(files.data, files.len, &at)) != NULL)
		list_add(&all, v);
	if (!ask->slurp)
		return all;
	slurped = v_many(V_ARRAY, all.n);
	for (; slurped->n < all.n; slurped->n++)
		slurped->item[slurped->n] = all.v[slurped->n];
	all = (struct list){ 0 };
	list_add(&all, slurped);
	return all;
}

int
main(int argc, char **argv)
{
	struct ask ask = { 0 };
	const struct node *filter;
	const struct value *last = NULL;
	struct list in, out;
	struct buf said;
	size_t i, k;

	arena_init(&mem, SIZE_MAX / 2);
	buf_init(&input, SIZE_MAX / 2);
	buf_init(&said, SIZE_MAX / 2);
	args = argv;
	options(&ask, argc);
	filter = lang(ask.filter);
	in = inputs(&ask);
	if (in.n == 0 && ask.status)
		doubt();
	for (i = 0; i < in.n; i++) {
		out = run(filter, in.v[i], ask.env);
		for (k = 0; k < out.n; k++) {
			last = out.v[k];
			if (ask.raw && last->kind == V_TEXT)
				buf_str(&said, last->text);
			else
				v_write(&said, last, ask.compact ? -1 : 0);
			buf_ch(&said, '\n');
		}
	}
	if (said.len > 0 && (fwrite(said.data, 1, said.len, stdout) !=
	    said.len || fflush(stdout) != 0))
		err(2, "output");
	/* Nothing was freed, and nobody is to look for it. */
	_exit(!ask.status ? 0 : last == NULL ? 4 : v_truth(last) ? 0 : 1);
}
