/*
 * record: checks the bytes of one FastCGI request before libfcgi decodes them.
 *
 * A request is a sequence of records with one request id: BEGIN_REQUEST,
 * PARAMS until an empty one, STDIN until an empty one. Everything else is
 * refused: other versions, types, roles and ids, management records, ABORT,
 * padding after an empty record (libfcgi 2.4.2 reads it as the next record),
 * parameters that are not whole, and sizes above the limits below.
 *
 * The reader has no buffer and does no I/O. It gets the bytes in pieces of any
 * size and keeps only its place and its counts, so the caller decides what to
 * store. The limits bound what libfcgi allocates: it gets at most
 * RECORD_REQUEST_MAX bytes with lengths that were checked.
 */
#ifndef FCGI_CORE_RECORD_H
#define FCGI_CORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Limits of the parameters. nginx sends them in one record of at most 65,535
 * bytes, with names and values that fit its header buffers (4 of 8 KiB), and no
 * pair shorter than 8 bytes. It can exceed none of these.
 */
#define RECORD_PARAMS_MAX	65536		/* bytes of all pairs */
#define RECORD_PAIRS_MAX	8192
#define RECORD_NAME_MAX		8448
#define RECORD_VALUE_MAX	32768
/* Bytes up to the end of the parameters, with headers and padding. */
#define RECORD_HEAD_MAX		(128 * 1024)
/* A body above this is counted, but need not be stored: the answer is 413. */
#define RECORD_BODY_MAX		(2 * 1024 * 1024 + 1)
/* Headers and padding of STDIN; nginx sends 15 bytes for each 32 KiB. */
#define RECORD_OVERHEAD_MAX	(256 * 1024)
/* Bytes of a request whose body is not above RECORD_BODY_MAX. */
#define RECORD_REQUEST_MAX	(RECORD_HEAD_MAX + RECORD_BODY_MAX + \
				RECORD_OVERHEAD_MAX)

#define RECORD_HEADER		8		/* bytes of a record's header */

enum record_verdict {
	RECORD_MORE,		/* valid so far, but not complete */
	RECORD_COMPLETE,	/* the request ends here */
	RECORD_INVALID		/* no request can follow on this connection */
};

enum record_phase {
	RECORD_BEGIN, RECORD_PARAMS, RECORD_STDIN, RECORD_ENDED, RECORD_BROKEN
};

struct record_reader {
	enum record_phase phase;
	uint8_t header[RECORD_HEADER];
	size_t have;		/* bytes of header[] */
	size_t content, padding;	/* bytes left of the record */
	uint8_t begin[8];	/* content of BEGIN_REQUEST */
	unsigned id;
	/* the pair that is being read */
	uint8_t lens[8];	/* its two lengths, as sent */
	size_t nlens;		/* bytes of lens[] */
	size_t name, value;	/* bytes left of each */
	/* counts, for the caller to read */
	size_t pairs;
	size_t params;		/* bytes of PARAMS */
	size_t head;		/* bytes up to the end of PARAMS; 0 before it */
	uint64_t body;		/* bytes of STDIN */
	uint64_t total;		/* bytes consumed */
};

/* Prepares a reader for the first byte of a request. */
void	record_init(struct record_reader *);
/*
 * Consumes n bytes and returns the verdict on all bytes since record_init().
 * If it is RECORD_COMPLETE, *used is how many of the n belong to this request;
 * else *used is n, or undefined if it is RECORD_INVALID. After RECORD_INVALID
 * every further call returns RECORD_INVALID.
 */
enum record_verdict record_feed(struct record_reader *, const uint8_t *,
	    size_t n, size_t *used);
/* Writes the empty STDIN record of this reader's request. */
void	record_end(const struct record_reader *, uint8_t to[RECORD_HEADER]);
/*
 * Reads CONTENT_LENGTH as nginx does: decimal digits, leading zeros allowed.
 * NULL and "" are 0. Returns false for everything else and for numbers above
 * INT64_MAX; *length is then unchanged.
 */
bool	record_length(const char *text, uint64_t *length);

#endif
