/*
 * wal: reads the committed part of the write-ahead log, for the archive.
 *
 * The file may contain more than what is committed: frames of a transaction
 * that is running or whose process was killed. How many frames are committed
 * is only in the shared index of the log, so it is read from there. Both
 * formats are stable: https://sqlite.org/walformat.html. SQLite's own file
 * handles are used, because closing another descriptor of these files would
 * drop the locks of SQLite.
 */
#include <stddef.h>
#include <string.h>

#include "base/log.h"
#include "db/internal.h"

#define INDEX_BYTES	32768	/* of the first region of the index */
#define TRIES		100

/* The header of the index, which is stored twice. All values are native. */
struct index_header {
	uint32_t version, unused, change;
	uint8_t ready, big_endian;
	uint16_t page_size;		/* 1: 65536 */
	uint32_t frames;
	uint32_t pages;
	uint32_t frame_sum[2];
	uint32_t salt[2];		/* in the byte order of the log */
	uint32_t sum[2];
};

/* The checksum of the log format, over native words. */
static void
checksum(const void *data, size_t n, uint32_t out[2])
{
	const uint8_t *p = data;
	uint32_t word[2];

	out[0] = out[1] = 0;
	for (size_t i = 0; i + sizeof(word) <= n; i += sizeof(word)) {
		memcpy(word, p + i, sizeof(word));
		out[0] += word[0] + out[1];
		out[1] += word[1] + out[0];
	}
}

static sqlite3_file *
file_of(struct db *db, int op)
{
	sqlite3_file *f = NULL;

	if (sqlite3_file_control(db->sql, "main", op, &f) != SQLITE_OK ||
	    f == NULL || f->pMethods == NULL)
		return NULL;
	return f;
}

/* Copies both headers. Returns whether they are equal and valid. */
static bool
header_read(const volatile uint8_t *index, struct index_header *h)
{
	struct index_header copy[2] = { { 0 }, { 0 } };
	uint32_t sum[2];
	uint8_t *to = (uint8_t *)copy;

	/* Writers store the second one first, so read the first one first. */
	for (size_t i = 0; i < sizeof(copy); i++)
		to[i] = index[i];
	*h = copy[0];
	checksum(h, offsetof(struct index_header, sum), sum);
	return memcmp(&copy[0], &copy[1], sizeof(copy[0])) == 0 &&
	    h->ready != 0 && sum[0] == h->sum[0] && sum[1] == h->sum[1];
}

/*
 * Reads the page size from the header of the database file: the index does not
 * contain it before the first commit to a new log.
 */
static int
page_size_of(sqlite3_file *f)
{
	uint8_t size[2] = { 0, 0 };

	if (f->pMethods->xRead(f, size, sizeof(size), 16) != SQLITE_OK)
		return 0;
	return size[0] == 0 && size[1] == 1 ? 65536 : size[0] << 8 | size[1];
}

enum rc
db_wal_state(struct db *db, struct db_wal *wal)
{
	sqlite3_file *f = file_of(db, SQLITE_FCNTL_FILE_POINTER);
	volatile void *index = NULL;
	struct index_header h;
	int i;

	*wal = (struct db_wal){ .frames = 0 };
	if (f == NULL || f->pMethods->iVersion < 2)
		return db_fault(db, "the log");
	if (f->pMethods->xShmMap(f, 0, INDEX_BYTES, 0, &index) != SQLITE_OK ||
	    index == NULL) {
		log_error("db_wal", "the index of the log is not mapped");
		return RC_FAULT;
	}
	for (i = 0; i < TRIES && !header_read(index, &h); i++)
		;
	if (i == TRIES)
		return RC_BUSY;
	wal->page_size = h.page_size == 1 ? 65536 :
	    h.page_size == 0 ? page_size_of(f) : h.page_size;
	wal->frames = h.frames;
	wal->changes = h.change;
	memcpy(wal->salt, h.salt, sizeof(wal->salt));
	return RC_OK;
}

enum rc
db_wal_read(struct db *db, int64_t at, void *to, size_t n)
{
	sqlite3_file *f = file_of(db, SQLITE_FCNTL_JOURNAL_POINTER);

	if (f == NULL) {
		log_error("db_wal", "the log is not open");
		return RC_FAULT;
	}
	if (f->pMethods->xRead(f, to, (int)n, at) == SQLITE_OK)
		return RC_OK;
	log_error("db_wal", "reading %zu bytes of the log at %lld failed", n,
	    (long long)at);
	return RC_FAULT;
}

enum rc
db_wal_commits(struct db *db, const struct db_wal *wal, uint32_t *n)
{
	uint32_t header[2];		/* page, and size if it is a commit */
	enum rc rc = RC_OK;

	*n = 0;
	for (int64_t i = 0; rc == RC_OK && i < wal->frames; i++) {
		rc = db_wal_read(db, DB_WAL_HEADER + i *
		    (DB_WAL_FRAME_HEADER + wal->page_size), header,
		    sizeof(header));
		*n += rc == RC_OK && header[1] != 0;
	}
	return rc;
}
