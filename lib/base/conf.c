#include "base/conf.h"

#include <errno.h>
#include <ini.h>
#include <inttypes.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/conf_oidc.h"
#include "base/origin.h"
#include "base/phone_number.h"

#define LINE_BYTES 8192
#define KEYS 256			/* at least conf_keys_n */

/* Loaded values live until the process ends. */
static struct arena memory = { .limit = 16 << 20 };

struct reading {
	const char *file;
	FILE *in, *errs;
	struct conf *conf;
	int line;
	bool failed;
	int seen[KEYS];			/* line of each key; 0: not given */
};

static void report(struct reading *, int line, const char *, ...)
    __attribute__((format(printf, 3, 4)));

/* Reports an error. Line 0 means that it concerns no line of the file. */
static void
report(struct reading *r, int line, const char *fmt, ...)
{
	va_list ap;

	if (line > 0)
		fprintf(r->errs, "%s:%d: ", r->file, line);
	else
		fprintf(r->errs, "%s: ", r->file);
	va_start(ap, fmt);
	vfprintf(r->errs, fmt, ap);
	va_end(ap);
	fputc('\n', r->errs);
	r->failed = true;
}

/* Returns why n bytes are not a valid line, or NULL if they are. */
static const char *
line_wrong(const char *s, size_t n, int size)
{
	if (memchr(s, '\0', n) != NULL)
		return "the line contains a NUL byte";
	if (n + 2 > (size_t)size)
		return "the line is too long";
	s += strspn(s, " \t");
	if (*s == '[')
		return strchr(s, ']') == NULL ? "the ']' is missing" : NULL;
	if (*s == ';' || *s == '#' || *s == '\r' || *s == '\n' || *s == '\0')
		return NULL;
	return strpbrk(s, "=:") == NULL ? "the line is not 'key = value'" :
	    NULL;
}

/*
 * Reads a line for libinih, like fgets(). Removes leading white space, because
 * libinih treats an indented key as a continuation of the last value. Invalid
 * lines become empty, so that all invalid lines are reported.
 */
static char *
read_line(char *out, int size, void *arg)
{
	struct reading *r = arg;
	char *line = NULL;
	const char *s = "", *why;
	size_t room = 0;
	ssize_t n = getline(&line, &room, r->in);

	if (n < 0) {
		free(line);
		return NULL;
	}
	if (++r->line == 1 && str_prefix(line, "\xef\xbb\xbf"))
		memset(line, ' ', 3);	/* a byte order mark */
	why = line_wrong(line, (size_t)n, size);
	if (why != NULL)
		report(r, r->line, "%s", why);
	else
		s = line + strspn(line, " \t");
	snprintf(out, (size_t)size, "%s%s", s, *s == '\0' ? "\n" : "");
	free(line);
	return out;
}

/* Returns the index of a key by its name, or conf_keys_n if it is unknown. */
static size_t
find_key(const char *section, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < conf_keys_n; i++)
		if (strlen(conf_keys[i].section) == n &&
		    strncmp(conf_keys[i].section, section, n) == 0 &&
		    str_eq(conf_keys[i].field.name, name))
			break;
	return i;
}

/* Returns the present name of a renamed key, or NULL. */
static const char *
present_name(const char *section, size_t n, const char *name)
{
	const struct conf_alias *a;

	for (a = conf_aliases; a < conf_aliases + conf_aliases_n; a++)
		if (strlen(a->section) == n &&
		    strncmp(a->section, section, n) == 0 &&
		    str_eq(a->old, name))
			return a->name;
	return NULL;
}

static int
take_oidc(struct reading *r, const char *section, const char *name,
    const char *value)
{
	const char *why = conf_oidc_set(&memory, r->conf, section, name, value,
	    r->line);

	if (why != NULL)
		report(r, r->line, "%s", why);
	return 1;
}

static int
take_conf(void *arg, const char *section, const char *name, const char *value)
{
	struct reading *r = arg;
	size_t n = strlen(section), i;
	const char *now = present_name(section, n, name);
	const struct conf_key *k;
	struct err err;

	if (conf_oidc_section(section))
		return take_oidc(r, section, name, value);
	if (now != NULL) {
		fprintf(r->errs, "%s:%d: warning: %s was renamed to %s; the "
		    "old name is accepted until 1.0\n", r->file, r->line, name,
		    now);
		name = now;
	}
	i = find_key(section, n, name);
	if (i == conf_keys_n) {
		report(r, r->line, "unknown key '%s' in [%s]", name,
		    section);
		return 1;
	}
	if (r->seen[i] != 0) {
		report(r, r->line, "%s is already set in line %d", name,
		    r->seen[i]);
		return 1;
	}
	k = &conf_keys[i];
	r->seen[i] = r->line;
	err_init(&err, &memory);
	/* libinih reuses the memory of the value after this call. */
	if (field_text(&memory, &k->field, r->conf, arena_str(&memory, value),
	    &err) != RC_OK)
		report(r, r->line, "%s %s", name, err.fields->why);
	return 1;
}

static const char **
text_at(const struct conf_key *k, struct conf *c)
{
	return (const char **)(void *)((char *)c + k->field.off);
}

static void
set_defaults(struct conf *c)
{
	const struct conf_key *k;

	for (k = conf_keys; k < conf_keys + conf_keys_n; k++) {
		void *at = (char *)c + k->field.off;

		if (k->field.type == F_STR)
			*text_at(k, c) = k->dflt_text;
		else if (k->field.type == F_ENUM)
			*(int *)at = (int)k->field.dflt;
		else
			*(int64_t *)at = k->field.dflt;
	}
	conf_oidc_init(&memory, c);
}

/* Returns the line of the key of a member, or 0 if it has its default. */
static int
line_of(const struct reading *r, const void *member)
{
	size_t i, off = (size_t)((const char *)member - (const char *)r->conf);

	for (i = 0; i < conf_keys_n; i++)
		if (conf_keys[i].field.off == off)
			return r->seen[i];
	BUG("this member has no key");
}

/*
 * Checks a comma-separated list of: phone or e-mail, '=', six digits, '@', a
 * date.
 */
static bool
fixed_codes_ok(const char *list)
{
	while (*list != '\0') {
		size_t who = strcspn(list, "=,"), i;
		const char *code = list + who + 1, *date = code + 7, *end;
		char text[32];
		int64_t ms;

		if (who == 0 || list[who] != '=')
			return false;
		for (i = 0; i < 6; i++)
			if (code[i] < '0' || code[i] > '9')
				return false;
		if (code[6] != '@')
			return false;
		end = date + strcspn(date, ",");
		if ((size_t)(end - date) >= sizeof(text))
			return false;
		snprintf(text, sizeof(text), "%.*s", (int)(end - date), date);
		if (!clock_parse(text, &ms))
			return false;
		list = *end == ',' ? end + 1 : end;
	}
	return true;
}

/* Checks rules that involve more than one key. */
static void
check_conf(struct reading *r)
{
	const struct conf *c = r->conf;
	const char *s;
	size_t i;
	int line;

	for (i = 0; i < c->oidc_n; i++) {
		s = conf_oidc_wrong(&memory, c, i, &line);
		if (s != NULL)
			report(r, line, "%s", s);
	}
	if (!str_prefix(c->base_url, "http://") &&
	    !str_prefix(c->base_url, "https://"))
		report(r, line_of(r, &c->base_url),
		    "base_url must begin with http:// or https://");
	if (c->base_url[0] != '\0' &&
	    c->base_url[strlen(c->base_url) - 1] == '/')
		report(r, line_of(r, &c->base_url),
		    "base_url must not end with '/'");
	if (!origin_list_valid(c->cors_origins))
		report(r, line_of(r, &c->cors_origins),
		    "cors_origins must have the form "
		    "https://app.example.com,http://localhost:5173");
	if (c->default_country[0] != '\0' &&
	    !phone_number_country(c->default_country))
		report(r, line_of(r, &c->default_country),
		    "default_country must be the code of a country, for "
		    "example IN (ISO 3166-1)");
	for (s = c->currency; *s >= 'A' && *s <= 'Z'; s++)
		;
	if (*s != '\0' || s - c->currency != 3)
		report(r, line_of(r, &c->currency),
		    "currency must be three capital letters (ISO 4217)");
	if (!fixed_codes_ok(c->otp_fixed_codes))
		report(r, line_of(r, &c->otp_fixed_codes),
		    "otp_fixed_codes must have the form "
		    "+15550100=123456@2027-01-01");
	if (c->jwt_alg == 1 && c->jwt_public_key[0] == '\0')
		report(r, line_of(r, &c->jwt_alg),
		    "jwt_alg ES256 requires jwt_public_key");
	if (c->max_rate > 0 && c->min_rate > c->max_rate)
		report(r, line_of(r, &c->min_rate),
		    "min_rate must not be greater than max_rate");
	if (c->refresh_grace >= c->refresh_ttl)
		report(r, line_of(r, &c->refresh_grace),
		    "refresh_grace must be less than refresh_ttl");
}

/*
 * Returns the path of the credential that replaces a file, or NULL. See
 * LoadCredential= in systemd.exec(5).
 */
static const char *
credential(const char *path)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY"), *name, *folder;
	const char *at;

	if (dir == NULL || *dir == '\0')
		return path;
	name = strrchr(path, '/') + 1;
	at = arena_fmt(&memory, "%s/%s", dir, name);
	if (access(at, R_OK) == 0)
		return at;
	for (folder = name - 1; folder > path && folder[-1] != '/'; folder--)
		;
	at = arena_fmt(&memory, "%s/%.*s_%s", dir, (int)(name - 1 - folder),
	    folder, name);
	return access(at, R_OK) == 0 ? at : path;
}

static void
make_absolute(struct conf *c)
{
	const struct conf_key *k;

	for (k = conf_keys; k < conf_keys + conf_keys_n; k++) {
		const char **path = text_at(k, c);

		if (k->path && **path != '\0' && **path != '/')
			*path = arena_fmt(&memory, "%s/%s", c->state_dir,
			    *path);
		if (k->loaded && **path != '\0')
			*path = credential(*path);
	}
}

/*
 * Sets the folders that the file does not name. A configuration of an older
 * version has neither: its sockets are beside run_dir (system/), and what is
 * written must be where the service user can write, beside the database.
 */
static void
derive_folders(struct conf *c)
{
	const char *slash = strrchr(c->db_file, '/');

	if (c->socket_dir[0] == '\0') {
		c->socket_dir = arena_fmt(&memory, "%s-sockets", c->run_dir);
		if (access(c->socket_dir, F_OK) != 0)
			c->socket_dir = c->run_dir;
	}
	if (c->spool_dir[0] == '\0' && slash != NULL)
		c->spool_dir = arena_fmt(&memory, "%.*s/spool",
		    (int)(slash - c->db_file), c->db_file);
}

/* The folder of a file, without links or dots. */
static bool
find_state_dir(struct reading *r)
{
	const char *slash = strrchr(r->file, '/');
	char *dir, *real;

	dir = slash == NULL ? arena_str(&memory, ".") :
	    slash == r->file ? arena_str(&memory, "/") :
	    arena_strn(&memory, r->file, (size_t)(slash - r->file));
	real = realpath(dir, NULL);
	if (real == NULL)
		return false;
	r->conf->file = arena_str(&memory, r->file);
	r->conf->state_dir = arena_str(&memory, real);
	free(real);
	return true;
}

static void
load_key(struct reading *r)
{
	struct conf *c = r->conf;
	char text[80] = "";
	struct hash key;
	FILE *f = fopen(c->key_file, "re");

	if (f == NULL) {
		report(r, line_of(r, &c->key_file), "key_file %s: %s",
		    c->key_file, strerror(errno));
		return;
	}
	setvbuf(f, NULL, _IONBF, 0);	/* leave no copy in a buffer */
	if (fgets(text, sizeof(text), f) == NULL)
		text[0] = '\0';
	fclose(f);
	text[strcspn(text, "\r\n")] = '\0';
	if (!hash_unhex(text, key.b, sizeof(key.b))) {
		report(r, line_of(r, &c->key_file),
		    "key_file %s must contain 64 hexadecimal digits (32 bytes)",
		    c->key_file);
	} else {
		c->key_jwt = hash_derive(&key, "earmark jwt");
		c->key_otp = hash_derive(&key, "earmark otp");
		c->key_cursor = hash_derive(&key, "earmark cursor");
		c->key_limit = hash_derive(&key, "earmark limit");
		c->key_sandbox = hash_derive(&key, "earmark sandbox");
		c->key_outbox = hash_derive(&key, "earmark outbox");
		c->key_mail = hash_derive(&key, "earmark mail");
	}
	explicit_bzero(text, sizeof(text));
	explicit_bzero(&key, sizeof(key));
}

bool
conf_archives(const struct conf *c)
{
	return c->archive_dir[0] != '\0' || c->archive_command[0] != '\0';
}

struct conf *
conf_load(const char *file, FILE *errs)
{
	struct reading r = { .file = file, .errs = errs };
	int line;

	if (conf_keys_n > KEYS)
		BUG("KEYS must be at least %zu", conf_keys_n);
	r.conf = arena_new(&memory, struct conf);
	r.in = fopen(file, "re");
	if (r.in == NULL) {
		report(&r, 0, "%s", strerror(errno));
		return NULL;
	}
	if (!find_state_dir(&r)) {
		report(&r, 0, "%s", strerror(errno));
		fclose(r.in);
		return NULL;
	}
	ini_use_stack = false;
	ini_max_line = ini_initial_alloc = LINE_BYTES;
	ini_allow_multiline = false;
	ini_allow_inline_comments = false;
	set_defaults(r.conf);
	line = ini_parse_stream(read_line, &r, take_conf, &r);
	if (line != 0 && !r.failed)
		report(&r, line > 0 ? line : 0, "cannot read the file");
	if (ferror(r.in))
		report(&r, 0, "%s", strerror(EIO));
	fclose(r.in);
	check_conf(&r);
	make_absolute(r.conf);
	derive_folders(r.conf);
	load_key(&r);
	return r.failed ? NULL : r.conf;
}

static void
print_value(const struct conf_key *k, const struct conf *c, FILE *out)
{
	const void *at = (const char *)c + k->field.off;

	if (k->field.type == F_STR)
		fputs(*(const char *const *)at, out);
	else if (k->field.type == F_ENUM)
		fputs(k->field.words[*(const int *)at], out);
	else
		fprintf(out, "%" PRId64, *(const int64_t *)at);
}

void
conf_show(const struct conf *c, FILE *out)
{
	const struct conf_key *k;
	const char *section = "";

	for (k = conf_keys; k < conf_keys + conf_keys_n; k++) {
		const char *const *text =
		    (const char *const *)(const void *)((const char *)c +
		    k->field.off);

		if (!str_eq(k->section, section)) {
			fprintf(out, "%s[%s]\n", *section == '\0' ? "" : "\n",
			    k->section);
			section = k->section;
		}
		fprintf(out, "# %s\n%s = ", k->doc, k->field.name);
		if (k->secret && **text != '\0')
			fputs("********", out);
		else
			print_value(k, c, out);
		fputc('\n', out);
	}
	conf_oidc_show(c, out);
}

bool
conf_get(const struct conf *c, const char *name, FILE *out)
{
	const char *dot = strrchr(name, '.'), *now;
	size_t n, i;

	if (dot == NULL)
		return false;
	n = (size_t)(dot - name);
	if (conf_oidc_section(name) && n > strlen("oidc."))
		return conf_oidc_get(c, arena_strn(&memory, name + 5, n - 5),
		    dot + 1, out);
	now = present_name(name, n, dot + 1);
	i = find_key(name, n, now != NULL ? now : dot + 1);
	if (i == conf_keys_n)
		return false;
	print_value(&conf_keys[i], c, out);
	fputc('\n', out);
	return true;
}
