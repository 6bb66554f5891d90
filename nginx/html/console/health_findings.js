/*
 * health_findings: derives errors and warnings from the state of the
 * installation, errors first. A check that never ran is a warning.
 */
const MIB = 1 << 20;
/* Seconds. */
const LATE = 300;

/* Backups and restore tests. */
function backups(c, what, add) {
	if (c.status === 'failed')
		add(true, `The last ${what} failed: ${c.error ?? 'reason unknown'}`);
	else if (c.status === 'late') add(what === 'backup', `The newest ${what} is too old`);
	else if (c.status === 'never')
		add(
			false,
			what === 'backup'
				? 'No backup was made yet'
				: 'No backup was ever restored as a test',
		);
}

function chain(c, what, add) {
	if (c.status === 'wrong')
		add(true, `${what} was changed after it was written: ${c.first_wrong}`);
	else if (c.status === 'never') add(false, `${what} was not verified yet`);
}

function pool(p, add) {
	if (p.failed !== null) add(true, `Workers of ${p.name} cannot start: ${p.failed}`);
	else if (p.ready === 0) add(true, `No worker of ${p.name} is ready`);
	else if (p.ready < p.workers)
		add(false, `${p.ready} of ${p.workers} workers of ${p.name} are ready`);
}

function installation(s, add) {
	for (const [name, runs] of Object.entries(s.programs))
		if (!runs) add(true, `earmark-${name} is not running`);
	for (const p of s.pools) pool(p, add);
	if (s.schema.database !== s.schema.program)
		add(
			true,
			`The database has schema ${s.schema.database}, but the programs need ` +
				s.schema.program,
		);
	if (s.disk.free_bytes !== null && s.disk.free_bytes < 512 * MIB)
		add(s.disk.free_bytes < 64 * MIB, 'The disk is almost full');
	if (s.outbox?.oldest_due_seconds > LATE)
		add(false, 'Messages have been waiting for more than five minutes');
	if (s.backup) backups(s.backup, 'backup', add);
	if (s.restore_drill) backups(s.restore_drill, 'restore test', add);
	if (s.ledger) chain(s.ledger, 'The ledger', add);
	if (s.audit) chain(s.audit, 'The audit log', add);
}

/*
 * Returns [{ wrong, text }]. The arguments are the bodies of GET /health,
 * /admin/ledger and /admin/status, or undefined if the request failed.
 */
export function findings(health, ledger, status) {
	const out = [];
	const add = (wrong, text) => out.push({ wrong, text });

	if (health === undefined) add(true, 'The server does not respond');
	else if (health.status !== 'ok') add(true, 'The database does not respond');
	if (status === undefined) add(true, 'The status of the programs cannot be read');
	else installation(status, add);
	if (ledger === undefined) add(true, 'The status of the ledger cannot be read');
	else if (ledger.ok === false && status?.ledger?.status !== 'wrong')
		add(true, 'The ledger does not balance');
	return out.sort((a, b) => b.wrong - a.wrong);
}
