#include "base/code_pages.h"

#include <link.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Removes the pages of an object's segments. Segments that can be written are
 * left alone, because their changes would be lost. This includes the tables
 * that the dynamic linker has filled in and protected.
 */
static int
drop_object(struct dl_phdr_info *object, size_t size, void *arg)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from, to;

	(void)size;
	(void)arg;
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &object->dlpi_phdr[i];

		if (p->p_type != PT_LOAD || (p->p_flags & PF_W))
			continue;
		from = (object->dlpi_addr + p->p_vaddr) & ~(page - 1);
		to = (object->dlpi_addr + p->p_vaddr + p->p_memsz + page - 1) &
		    ~(page - 1);
		/* The kernel rejects this for its own object (vdso). */
		(void)madvise((void *)from, to - from, MADV_DONTNEED);
	}
	return 0;
}

void
code_pages_drop(void)
{
	dl_iterate_phdr(drop_object, NULL);
}
