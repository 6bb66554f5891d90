/*
 * health_findings: what is not well, as sentences, those that are wrong first; the rest
 * is worth a look. Of nothing that was never done is it said that it is well.
 */
const MIB = 1 << 20;
const LATE = 300;

/* Backups and drills. */
function care(c, what, add) {
	if (c.status === 'failed')
		add(true, `The last ${what} failed: ${c.error ?? 'nobody knows why'}`);
	else if (c.status === 'late') add(what === 'backup', `The newest ${what} is too long ago`);
	else if (c.status === 'never')
		add(
			false,
			what === 'backup'
				? 'No backup was made yet'
				: 'That a backup can be restored was never proved',
		);
}

function chain(c, what, add) {
	if (c.status === 'wrong') add(true, `${what} is not what was written: ${c.first_wrong}`);
	else if (c.status === 'never') add(false, `${what} was not proved yet`);
}

function pool(p, add) {
	if (p.failed !== null) add(true, `Workers of ${p.name} can not start: ${p.failed}`);
	else if (p.ready === 0) add(true, `No worker of ${p.name} is ready`);
	else if (p.ready < p.workers)
		add(false, `${p.ready} of ${p.workers} workers of ${p.name} are ready`);
}

function installation(s, add) {
	for (const [name, runs] of Object.entries(s.programs))
		if (!runs) add(true, `earmark-${name} does not run`);
	for (const p of s.pools) pool(p, add);
	if (s.schema.database !== s.schema.program)
		add(
			true,
			`The database has schema ${s.schema.database}, the programs ${
				s.schema.program
			}`,
		);
	if (s.disk.free_bytes !== null && s.disk.free_bytes < 512 * MIB)
		add(s.disk.free_bytes < 64 * MIB, 'The disk is nearly full');
	if (s.outbox?.oldest_due_seconds > LATE)
		add(false, 'Messages wait for more than five minutes');
	if (s.backup) care(s.backup, 'backup', add);
	if (s.restore_drill) care(s.restore_drill, 'restore drill', add);
	if (s.ledger) chain(s.ledger, 'The ledger', add);
	if (s.audit) chain(s.audit, 'The audit', add);
}

/* What /health, /admin/ledger, /admin/status said; undefined: they did not. */
export function findings(health, books, status) {
	const out = [];
	const add = (wrong, text) => out.push({ wrong, text });

	if (health === undefined) add(true, 'The database does not answer, or nobody does');
	else if (health.status !== 'ok') add(true, 'The database does not answer');
	if (status === undefined) add(true, 'What runs can not be read');
	else installation(status, add);
	if (books === undefined) add(true, 'The last proof of the books can not be read');
	else if (books.ok === false && status?.ledger?.status !== 'wrong')
		add(true, 'The books do not add up');
	return out.sort((a, b) => b.wrong - a.wrong);
}
