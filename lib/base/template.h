/*
 * template: texts of messages with variables.
 *
 * A template is a file <language>/<name>.<channel>. Its first lines may be
 * headers, "Name: value"; the body follows after an empty line. {{name}} is
 * replaced by the value of a variable. There is nothing else: no conditions and
 * no loops. The values are not searched for variables.
 *
 *	push	Title: (required)
 *	email	Subject: (required)
 *	sms	Sender:, Template-ID:, Entity-ID: (optional; the registration
 *		of senders and texts in India, DLT)
 *
 * The texts of templates/ are compiled into the programs. A folder of the
 * operator replaces some of them, and may add languages.
 */
#ifndef BASE_TEMPLATE_H
#define BASE_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"

enum template_channel { TEMPLATE_SMS, TEMPLATE_EMAIL, TEMPLATE_PUSH };
#define TEMPLATE_CHANNELS	3
#define TEMPLATE_BYTES		16384	/* maximum size of a file */
/* "sms", "email", "push", NULL. */
extern const char *const template_channel_names[];

/* A variable. A list of them ends with the name NULL. */
struct template_var {
	const char *name, *value;	/* value NULL: empty */
};

/* A file. */
struct template_file {
	const char *language, *name;
	enum template_channel channel;
	const char *text;
	bool own;			/* from the folder of the operator */
};

/* A parsed template. Members are NULL if the header is absent. */
struct template {
	const char *title;		/* or subject */
	const char *sender, *template_id, *entity_id;
	const char *body;
};

/* The built-in files, generated from templates/. */
extern const struct template_file template_builtin[];
extern const size_t template_builtin_n;

/*
 * Reads the folder of the operator, once per process; "" is no folder. Writes a
 * line to errs for each file that cannot be read, and returns false if there is
 * one.
 */
bool	template_load(const char *folder, FILE *errs);
/* Returns file i of the folder of the operator, or NULL after the last. */
const struct template_file *template_own(size_t i);
/*
 * Returns a file in a language, preferring the operator's. If the language does
 * not have it, returns the one in English. Returns NULL if that does not exist.
 */
const struct template_file *template_find(const char *language,
	    const char *name, enum template_channel);
/* Does the same with the built-in files only. */
const struct template_file *template_find_builtin(const char *language,
	    const char *name, enum template_channel);
/* Returns whether any file has the language. */
bool	template_has_language(const char *language);

/*
 * Parses a file. Returns NULL, or a message if the syntax is invalid. The
 * members of *t are in the arena.
 */
const char *template_parse(struct arena *, enum template_channel,
	    const char *text, struct template *t);
/*
 * Returns in name the name of the next variable of *text and moves *text after
 * it. Returns false after the last one.
 */
#define TEMPLATE_NAME	40		/* bytes, with NUL */
bool	template_next_variable(const char **text, char name[TEMPLATE_NAME]);

/* How a value is written. */
enum template_escape {
	TEMPLATE_LINE,			/* control characters become spaces */
	TEMPLATE_TEXT,			/* the same, but keeps line ends */
	TEMPLATE_JSON,			/* inside of a JSON string */
	TEMPLATE_FORM			/* percent-encoded */
};
/*
 * Appends text with the values of its variables. Unknown ones are empty.
 * TEMPLATE_TEXT omits lines that consist of an empty variable.
 */
void	template_fill(struct buf *, const char *text,
	    const struct template_var *, enum template_escape);

/* Whether a text needs UCS-2 in an SMS, and its number of segments. */
bool	template_sms_unicode(const char *text);
size_t	template_sms_segments(const char *text);

#endif
