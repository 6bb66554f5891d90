/*
 * code_pages: removes code and constants that only the start needed from the
 * memory of a process.
 *
 * While a program starts, the dynamic linker reads tables, and OpenSSL and
 * SQLite execute code, that are never used again. Their pages are shared with
 * the page cache of the kernel, but they count as resident memory of the process
 * until it ends.
 */
#ifndef BASE_CODE_PAGES_H
#define BASE_CODE_PAGES_H

/*
 * Removes all pages of code and constants of the program and its libraries. The
 * kernel maps them again when they are used, usually without reading from the
 * disk. Call it once, after the start. Breakpoints that a debugger has set
 * before are lost.
 */
void	code_pages_drop(void);

#endif
