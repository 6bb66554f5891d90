// node server.js PORT: runs WORKERS processes (2) with the database BENCH_DB.
const cluster = require('node:cluster');
const workers = +(process.env.WORKERS || 2);
if (workers > 1 && cluster.isPrimary) {
	for (let i = 0; i < workers; i++) cluster.fork();
} else main();

function main() {
	const Database = require('better-sqlite3');
	const app = require('fastify')({ logger: false });
	app.register(require('@fastify/jwt'), { secret: 'earmark-bench-secret-0123456789abcdef' });
	const db = new Database(process.env.BENCH_DB, { timeout: 10000 });
	db.pragma('journal_mode = WAL');
	db.pragma('synchronous = FULL');
	db.pragma('mmap_size = 1073741824');
	const q = {
		user: db.prepare('SELECT id FROM auth_user WHERE id=? AND is_active=1'),
		flyer: db.prepare('SELECT 1 FROM flyer WHERE id=?'),
		get: db.prepare(
			'SELECT id, flyer_id, created_at FROM favorite WHERE user_id=? AND flyer_id=?',
		),
		add: db.prepare(
			'INSERT INTO favorite(user_id,flyer_id,created_at) VALUES(?,?,?) ON CONFLICT DO NOTHING',
		),
		del: db.prepare('DELETE FROM favorite WHERE user_id=? AND flyer_id=?'),
		total: db.prepare('SELECT count(*) AS n FROM favorite WHERE user_id=?').pluck(),
		count: db.prepare('SELECT count(*) AS n FROM favorite WHERE flyer_id=?').pluck(),
		list: db.prepare(`SELECT f.id AS favorite_id, f.flyer_id AS destination_id, t.title AS destination_name, t.city, t.country,
      t.thumbnail_url, f.created_at AS saved_at FROM favorite f JOIN flyer t ON t.id=f.flyer_id
      WHERE f.user_id=? ORDER BY f.created_at DESC LIMIT ? OFFSET ?`),
	};
	const iso = (s) => s.replace(' ', 'T') + 'Z';
	async function auth(req, rep) {
		try {
			await req.jwtVerify();
		} catch {
			return rep.code(401).send({ error: 'unauthorized' });
		}
		if (!q.user.get(req.user.user_id))
			return rep.code(401).send({ error: 'unauthorized' });
	}
	const str = { type: 'string' },
		int = { type: 'integer' };
	const listSchema = {
		querystring: {
			type: 'object',
			properties: {
				limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
				offset: { type: 'integer', minimum: 0, default: 0 },
			},
		},
		response: {
			200: {
				type: 'object',
				properties: {
					items: {
						type: 'array',
						items: {
							type: 'object',
							properties: {
								favorite_id: int,
								destination_id: int,
								destination_name: str,
								city: str,
								country: str,
								thumbnail_url: str,
								saved_at: str,
							},
						},
					},
					pagination: {
						type: 'object',
						properties: { limit: int, offset: int, total: int },
					},
				},
			},
		},
	};
	const list = async (req) => {
		const { limit, offset } = req.query,
			u = req.user.user_id;
		const items = q.list.all(u, limit, offset);
		for (const i of items) i.saved_at = iso(i.saved_at);
		return { items, pagination: { limit, offset, total: q.total.get(u) } };
	};
	const params = { type: 'object', properties: { id: { type: 'integer' } } };
	app.get('/api/v1/users/me/favorites', { onRequest: auth, schema: listSchema }, list);
	app.get('/api/users/me/favorites/', { onRequest: auth, schema: listSchema }, list);
	app.get(
		'/api/v1/destinations/:id/favorites/count',
		{ schema: { params } },
		async (req) => ({
			destination_id: req.params.id,
			favorites_count: q.count.get(req.params.id),
		}),
	);
	app.get(
		'/api/flyers/:id/favorite/',
		{ onRequest: auth, schema: { params } },
		async (req) => ({
			flyer_id: req.params.id,
			is_favorited: !!q.get.get(req.user.user_id, req.params.id),
		}),
	);
	app.post(
		'/api/flyers/:id/favorite/',
		{ onRequest: auth, schema: { params } },
		async (req, rep) => {
			const u = req.user.user_id,
				f = req.params.id;
			if (!q.flyer.get(f))
				return rep.code(404).send({ error: 'flyer_not_found' });
			const at = new Date().toISOString().slice(0, 19).replace('T', ' ');
			const r = q.add.run(u, f, at);
			if (r.changes)
				return rep.code(201).send({
					id: Number(r.lastInsertRowid),
					flyer_id: f,
					created_at: iso(at),
				});
			const o = q.get.get(u, f);
			return { id: o.id, flyer_id: f, created_at: iso(o.created_at) };
		},
	);
	app.delete(
		'/api/flyers/:id/favorite/',
		{ onRequest: auth, schema: { params } },
		async (req, rep) => {
			if (!q.del.run(req.user.user_id, req.params.id).changes)
				return rep.code(404).send({ error: 'not_favorited' });
			return rep.code(204).send();
		},
	);
	app.listen({ host: '127.0.0.1', port: +process.argv[2], backlog: 4096 });
}
