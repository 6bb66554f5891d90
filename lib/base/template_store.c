/* template_store: the built-in files and those of the operator. */
#include <dirent.h>
#include <errno.h>

#include "base/err.h"
#include "base/str.h"
#include "base/template.h"

static struct {
	struct arena arena;
	struct template_file *v;
	size_t n, max;
} own;

/* Splits "name.channel". Returns false if it is not a template. */
static bool
split_name(const char *file, const char **name, enum template_channel *channel)
{
	const char *dot = strrchr(file, '.');

	if (dot == NULL || dot == file)
		return false;
	for (int i = 0; i < TEMPLATE_CHANNELS; i++)
		if (str_eq(dot + 1, template_channel_names[i])) {
			*channel = (enum template_channel)i;
			*name = arena_strn(&own.arena, file,
			    (size_t)(dot - file));
			return true;
		}
	return false;
}

static const char *
read_text(const char *path, const char **why)
{
	char *text = arena_alloc(&own.arena, TEMPLATE_BYTES + 1);
	FILE *f = fopen(path, "re");
	size_t n;

	*why = NULL;
	if (f == NULL) {
		*why = strerror(errno);
		return NULL;
	}
	n = fread(text, 1, TEMPLATE_BYTES + 1, f);
	if (ferror(f))
		*why = strerror(errno);
	else if (n > TEMPLATE_BYTES)
		*why = "the file is too large";
	else if (memchr(text, '\0', n) != NULL)
		*why = "the file contains a NUL byte";
	fclose(f);
	if (*why == NULL)
		text[n] = '\0';
	return *why == NULL ? text : NULL;
}

static void
add_file(const struct template_file *file)
{
	if (own.n == own.max) {
		own.max = own.max == 0 ? 32 : own.max * 2;
		own.v = realloc(own.v, own.max * sizeof(*own.v));
		if (own.v == NULL)
			BUG("out of memory");
	}
	own.v[own.n++] = *file;
}

/* Reads the files of one language. */
static bool
load_language(const char *folder, const char *language, FILE *errs)
{
	char *path = arena_fmt(&own.arena, "%s/%s", folder, language);
	struct template_file file = { .own = true, .language =
		arena_str(&own.arena, language) };
	struct dirent *e;
	const char *why;
	bool ok = true;
	DIR *d = opendir(path);

	if (d == NULL)
		return true;		/* not a folder */
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		if (!split_name(e->d_name, &file.name, &file.channel)) {
			fprintf(errs, "%s/%s: the name must be NAME.sms, "
			    "NAME.email or NAME.push\n", path, e->d_name);
			ok = false;
			continue;
		}
		file.text = read_text(arena_fmt(&own.arena, "%s/%s", path,
		    e->d_name), &why);
		if (file.text != NULL) {
			add_file(&file);
			continue;
		}
		fprintf(errs, "%s/%s: %s\n", path, e->d_name, why);
		ok = false;
	}
	closedir(d);
	return ok;
}

bool
template_load(const char *folder, FILE *errs)
{
	struct dirent *e;
	bool ok = true;
	DIR *d;

	arena_free(&own.arena);
	arena_init(&own.arena, 64 * 1024 * 1024);
	own.n = 0;
	if (folder[0] == '\0')
		return true;
	d = opendir(folder);
	if (d == NULL) {
		fprintf(errs, "%s: %s\n", folder, strerror(errno));
		return false;
	}
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' &&
		    !load_language(folder, e->d_name, errs))
			ok = false;
	closedir(d);
	return ok;
}

const struct template_file *
template_own(size_t i)
{
	return i < own.n ? &own.v[i] : NULL;
}

static const struct template_file *
find_in(const struct template_file *v, size_t n, const char *language,
    const char *name, enum template_channel channel)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].channel == channel && str_eq(v[i].name, name) &&
		    str_eq(v[i].language, language))
			return &v[i];
	return NULL;
}

const struct template_file *
template_find_builtin(const char *language, const char *name,
    enum template_channel channel)
{
	const struct template_file *f = find_in(template_builtin,
	    template_builtin_n, language, name, channel);

	return f != NULL || str_eq(language, "en") ? f :
	    template_find_builtin("en", name, channel);
}

const struct template_file *
template_find(const char *language, const char *name,
    enum template_channel channel)
{
	const struct template_file *f;

	f = find_in(own.v, own.n, language, name, channel);
	if (f == NULL)
		f = find_in(template_builtin, template_builtin_n, language,
		    name, channel);
	return f != NULL || str_eq(language, "en") ? f :
	    template_find("en", name, channel);
}

bool
template_has_language(const char *language)
{
	for (size_t i = 0; i < template_builtin_n; i++)
		if (str_eq(template_builtin[i].language, language))
			return true;
	for (size_t i = 0; i < own.n; i++)
		if (str_eq(own.v[i].language, language))
			return true;
	return false;
}
