/*
 * record: checks the bytes of one FastCGI request before libfcgi decodes them,
 * and writes the headers of its response.
 *
 * A valid request is a sequence of records with one request id: BEGIN_REQUEST,
 * PARAMS up to an empty one, STDIN up to an empty one. The following are
 * invalid: other versions, types, roles and ids, management records, ABORT,
 * padding after an empty record (libfcgi 2.4.2 parses it as the next record),
 * incomplete parameters, and sizes above the limits below.
 *
 * The reader has no buffer and does no I/O. It consumes pieces of any size and
 * keeps only its state and counters, so the caller decides which bytes to
 * store. The limits bound the memory that libfcgi allocates: it gets at most
 * RECORD_REQUEST_MAX bytes, and their lengths were checked.
 */
#ifndef FCGI_CORE_RECORD_H
#define FCGI_CORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Limits of the parameters. nginx sends them in one record of at most 65,535
 * bytes. Names and values fit the header buffers of nginx (4 of 8 KiB), and
 * each pair has at least 8 bytes. So nginx cannot exceed these limits.
 */
#define RECORD_PARAMS_MAX	65536		/* bytes of all pairs */
#define RECORD_PAIRS_MAX	8192
#define RECORD_NAME_MAX		8448
#define RECORD_VALUE_MAX	32768
/*
 * Maximum bytes up to the end of the parameters, including headers and padding.
 */
#define RECORD_HEAD_MAX		(128 * 1024)
/*
 * Maximum size of a body that is stored with its records and that libfcgi
 * decodes. Only images are larger; they are written to a file (see
 * fcgi/core/body_file.h).
 */
#define RECORD_BODY_MEMORY	(256 * 1024)
/*
 * Maximum size of a body, one byte more than IMAGE_UPLOAD_MAX. Larger bodies
 * are counted, but need not be stored: the response is 413.
 */
#define RECORD_BODY_MAX		(12 * 1024 * 1024 + 1)
/*
 * Maximum bytes of headers and padding of STDIN. nginx sends 15 bytes for each
 * 32 KiB.
 */
#define RECORD_OVERHEAD_MAX	(256 * 1024)
/* Maximum bytes of a request whose body has at most RECORD_BODY_MEMORY. */
#define RECORD_REQUEST_MAX	(RECORD_HEAD_MAX + RECORD_BODY_MEMORY + \
				RECORD_OVERHEAD_MAX)

#define RECORD_HEADER		8		/* bytes of a record's header */
#define RECORD_CONTENT_MAX	65535		/* bytes of a record's content */
#define RECORD_RESPONSE_END	24		/* bytes of two headers, 8 bytes */

enum record_verdict {
	RECORD_MORE,		/* valid so far, but not complete */
	RECORD_COMPLETE,	/* the last byte of the request was read */
	RECORD_INVALID		/* the connection must be closed */
};

enum record_phase {
	RECORD_BEGIN, RECORD_PARAMS, RECORD_STDIN, RECORD_ENDED, RECORD_BROKEN
};

struct record_reader {
	enum record_phase phase;
	uint8_t header[RECORD_HEADER];
	size_t have;		/* bytes of header[] */
	size_t content, padding;	/* remaining bytes of the record */
	uint8_t begin[8];	/* content of BEGIN_REQUEST */
	unsigned id;
	/* the current pair */
	uint8_t lens[8];	/* its two lengths, as sent */
	size_t nlens;		/* number of bytes in lens[] */
	size_t name, value;	/* remaining bytes of each */
	/* counters, read by the caller */
	size_t pairs;
	size_t params;		/* bytes of PARAMS */
	size_t head;		/* bytes up to the end of PARAMS; 0 before it */
	uint64_t body;		/* bytes of STDIN */
	uint64_t total;		/* bytes consumed */
	/*
	 * Called with each piece of the body, without headers and padding.
	 * NULL: not called. The caller sets both after record_init().
	 */
	void (*body_fn)(void *arg, const uint8_t *, size_t n);
	void *body_arg;
};

/* Prepares a reader for the first byte of a request. */
void	record_init(struct record_reader *);
/*
 * Consumes n bytes. Returns the verdict on all bytes since record_init(). On
 * RECORD_COMPLETE, *used is the number of bytes that belong to this request. On
 * RECORD_MORE, *used is n. On RECORD_INVALID, *used is undefined and all
 * further calls return RECORD_INVALID.
 */
enum record_verdict record_feed(struct record_reader *, const uint8_t *,
	    size_t n, size_t *used);
/* Writes the empty STDIN record of this reader's request. */
void	record_end(const struct record_reader *, uint8_t to[RECORD_HEADER]);
/* Writes the header of n bytes of the response, at most RECORD_CONTENT_MAX. */
void	record_stdout(const struct record_reader *, size_t n,
	    uint8_t to[RECORD_HEADER]);
/* Writes the records that end the response: an empty STDOUT, END_REQUEST. */
void	record_response_end(const struct record_reader *,
	    uint8_t to[RECORD_RESPONSE_END]);
/*
 * Parses CONTENT_LENGTH like nginx: decimal digits, leading zeros allowed. NULL
 * and "" are 0. Returns false for other text and for numbers above INT64_MAX;
 * *length is then unchanged.
 */
bool	record_length(const char *text, uint64_t *length);

#endif
