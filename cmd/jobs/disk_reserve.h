/*
 * disk_reserve: keeps a file that can be deleted if the disk is full.
 *
 * In WAL mode, SQLite cannot free space on a full disk, because even DELETE and
 * a checkpoint need free space. So a file next to the database reserves some
 * space. It is deleted if the disk is almost full or a write failed for lack of
 * space. It is created again when enough space is free.
 */
#ifndef CMD_JOBS_DISK_RESERVE_H
#define CMD_JOBS_DISK_RESERVE_H

#include <stdbool.h>

#include "base/conf.h"

/* Creates the file if it does not exist and enough space is free. */
void	disk_reserve_keep(const struct conf *);
/* Returns whether the disk is almost full. */
bool	disk_reserve_needed(const struct conf *);
/* Deletes the file. Returns false if it did not exist. */
bool	disk_reserve_drop(const struct conf *);

#endif
