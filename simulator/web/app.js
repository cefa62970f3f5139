// The page of the simulator. Everything that comes from the server is put into
// the document as text, never as HTML.
'use strict';

const $ = (id) => document.getElementById(id);

/** make builds an element: make('p', {class: 'note'}, 'text', child…). */
function make(tag, attrs, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs || {})) {
    if (name.startsWith('on')) e.addEventListener(name.slice(2), value);
    else if (value === true) e.setAttribute(name, '');
    else if (value !== false && value !== undefined && value !== null) e.setAttribute(name, value);
  }
  for (const c of children) if (c !== null && c !== undefined && c !== '') e.append(c);
  return e;
}

const page = {
  run: '', seq: 0, people: [], groups: [], byId: new Map(),
  chats: new Map(),      // chat key → entries in order
  seen: {},              // chat key → seq read last
  chat: '',              // chat key on the screen
  speaker: '',           // who talks in a group
  tab: 'people', role: '', menu: [], robot: false, robotName: '机器人', clock: false,
  open: '', unfolded: false, // the group whose header is drawn, and its names
  base: 0, stamp: 0, zone: '+08:00', // the bot's time and when it was told
};

const keyOf = (e) => (e.group ? 'g:' : e.channel === 'robot' ? 'r:' : 'p:') + e.to;
const idOf = (key) => key.slice(2);
const personChat = () => page.chat.startsWith('p:') || page.chat.startsWith('r:');

// ---- talking to the simulator ----------------------------------------------

async function post(path, body) {
  try {
    const r = await fetch(path, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
    });
    const answer = r.ok ? await r.json() : { ok: false, error: await r.text() };
    if (!answer.ok) toast(answer.error);
    return answer;
  } catch {
    toast('模拟器没有回应，请看看程序是否还开着。');
    return { ok: false };
  }
}

async function poll() {
  for (;;) {
    try {
      const r = await fetch(`/api/state?wait=1&since=${page.seq}`, { signal: AbortSignal.timeout(40000) });
      if (!r.ok) throw new Error(r.status);
      take(await r.json());
    } catch {
      await new Promise((done) => setTimeout(done, 2000));
    }
  }
}

function take(state) {
  if (page.run && state.run !== page.run) { location.reload(); return; }
  page.run = state.run;
  setTime(state.now);
  page.seq = state.seq;
  page.menu = state.menu || [];
  page.robot = state.robot;
  page.robotName = state.robotName || '机器人';
  page.clock = state.clock;
  $('clock-toggle').hidden = !state.clock;
  $('clock-tools').classList.toggle('can', state.clock);
  $('panel').hidden = !state.panel;
  if (state.title) document.title = state.title;
  let touched = false;
  for (const e of state.entries || []) {
    const key = keyOf(e);
    if (!page.chats.has(key)) page.chats.set(key, []);
    const chat = page.chats.get(key);
    if (e.kind === 'update') {
      const old = chat.findLast((x) => x.card && x.card.task === e.card.task);
      if (old) old.card = e.card;
      if (key === page.chat) redrawCard(e.card);
    } else {
      chat.push(e);
      if (key === page.chat) addBubble(e);
    }
    if (key === page.chat) page.seen[key] = e.seq;
    touched = true;
  }
  if (touched) { remember(); drawList(); drawPanel(); }
  if (page.chat) drawHead();
  drawChannels();
  drawMenu();
}

function remember() {
  try { sessionStorage.setItem('seen', JSON.stringify({ run: page.run, seen: page.seen, chat: page.chat, speaker: page.speaker })); } catch { /* Private windows may refuse. */ }
}

function recall() {
  try {
    const old = JSON.parse(sessionStorage.getItem('seen') || '{}');
    if (old.run === page.run) return old;
  } catch { /* A damaged note is no note. */ }
  return {};
}

function toast(text) {
  if (!text) return;
  $('toast').textContent = text;
  $('toast').hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { $('toast').hidden = true; }, 5000);
}

// ---- the clock ---------------------------------------------------------------

function setTime(now) {
  page.base = Date.parse(now);
  page.stamp = performance.now();
  page.zone = (now.match(/([+-]\d\d:\d\d)$/) || ['', '+00:00'])[1];
  drawTime();
}

/** parts reads a moment in the bot's own time zone, whatever the browser's is. */
function parts(ms) {
  const sign = page.zone[0] === '-' ? -1 : 1;
  const shift = sign * (Number(page.zone.slice(1, 3)) * 60 + Number(page.zone.slice(4, 6)));
  const d = new Date(ms + shift * 60000);
  const two = (n) => String(n).padStart(2, '0');
  return {
    date: `${d.getUTCFullYear()}年${d.getUTCMonth() + 1}月${d.getUTCDate()}日`,
    week: '周' + '日一二三四五六'[d.getUTCDay()],
    hour: `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`,
    input: `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}T${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`,
  };
}

function drawTime() {
  if (!page.base) return;
  const now = parts(page.base + performance.now() - page.stamp);
  $('time-date').textContent = `${now.date} ${now.week}`;
  $('time-hour').textContent = now.hour;
  if (!$('clock-to').value && document.activeElement !== $('clock-to')) $('clock-to').value = now.input;
}

async function moveClock(request) {
  $('clock-busy').hidden = false;
  for (const b of $('clock-tools').querySelectorAll('button')) b.disabled = true;
  const answer = await post('/api/clock', request);
  for (const b of $('clock-tools').querySelectorAll('button')) b.disabled = false;
  $('clock-busy').hidden = true;
  if (answer.ok) { $('clock-to').value = ''; setTime(answer.now); drawPanel(); }
}

// ---- the list of people and groups --------------------------------------------

function unread(key) {
  const seen = page.seen[key] || 0;
  return (page.chats.get(key) || []).filter((e) => e.seq > seen && !e.from).length;
}

const personUnread = (id) => unread('p:' + id) + unread('r:' + id);

const colours = ['#2463a8', '#3b7a57', '#8a5a2b', '#7a4f9a', '#a8485a', '#2f7f8f', '#6b7280'];
function face(name, group) {
  let sum = 0;
  for (const c of name) sum += c.codePointAt(0);
  const e = make('span', { class: 'face', 'aria-hidden': 'true' }, group ? name.slice(0, 2) : name.slice(-2));
  e.style.background = colours[sum % colours.length];
  return e;
}

function badge(n) {
  return n > 0 ? make('span', { class: 'badge' }, n > 99 ? '99+' : String(n), make('span', { class: 'sr' }, '条未读')) : null;
}

function personRow(p) {
  const current = personChat() && idOf(page.chat) === p.userid;
  const words = [p.unit, p.post, (p.roles || []).join('、')].filter(Boolean);
  return make('button', { type: 'button', class: 'person', 'aria-current': String(current), 'data-user': p.userid, onclick: () => choose('p:' + p.userid) },
    face(p.name), make('span', { class: 'lines' }, make('b', {}, p.name), make('small', {}, words.join(' · '))), badge(personUnread(p.userid)));
}

function groupRow(g) {
  return make('button', { type: 'button', class: 'person', 'aria-current': String(page.chat === 'g:' + g.id), 'data-group': g.id, onclick: () => choose('g:' + g.id) },
    face(g.name, true), make('span', { class: 'lines' }, make('b', {}, g.name), make('small', {}, `群聊 · ${(g.members || []).length} 人`)), badge(unread('g:' + g.id)));
}

function drawRoles() {
  const roles = [...new Set(page.people.flatMap((p) => p.roles || []))];
  const chip = (role, label) => make('button', {
    type: 'button', 'aria-pressed': String(page.role === role), onclick: () => { page.role = role; drawRoles(); drawList(); },
  }, label);
  $('roles').replaceChildren(chip('', '全部'), ...roles.map((r) => chip(r, r)));
}

function drawList() {
  const people = page.tab === 'people';
  $('tab-people').setAttribute('aria-selected', String(people));
  $('tab-groups').setAttribute('aria-selected', String(!people));
  $('find').hidden = !people;
  const rows = [];
  if (!people) {
    rows.push(...page.groups.map(groupRow));
  } else {
    const word = $('search').value.trim().toLowerCase();
    const found = page.people.filter((p) => (!page.role || (p.roles || []).includes(page.role))
      && [p.name, p.unit, p.post, p.userid].some((s) => (s || '').toLowerCase().includes(word)));
    if (!word && !page.role) {
      const last = (p) => Math.max(...['p:', 'r:'].map((k) => (page.chats.get(k + p.userid) || []).at(-1)?.seq || 0));
      const met = (p) => 'p:' + p.userid in page.seen || 'r:' + p.userid in page.seen;
      const active = page.people.filter((p) => last(p) > 0);
      // When a reminder has gone to everybody, only those already met count.
      const recent = (active.length > 6 ? active.filter(met) : active).sort((a, b) => last(b) - last(a)).slice(0, 6);
      if (recent.length) rows.push(make('h3', {}, '最近'), ...recent.map(personRow));
    }
    const units = new Map();
    for (const p of found) units.set(p.unit || '', [...(units.get(p.unit || '') || []), p]);
    const strangers = units.get('') || [];
    units.delete('');
    if (strangers.length) units.set('没有单位', strangers);
    for (const [unit, members] of units) rows.push(make('h3', {}, unit), ...members.map(personRow));
  }
  if (!rows.length) rows.push(make('div', { class: 'empty' }, people ? '没有找到这个人。' : '还没有群聊。'));
  const top = $('list').scrollTop;
  $('list').replaceChildren(...rows);
  $('list').scrollTop = top;

  // People are counted, not messages: a jump of the clock brings hundreds.
  const elsewhere = new Set([...page.chats.keys()].filter((k) => k !== page.chat && unread(k) > 0).map(idOf)).size;
  $('others').hidden = elsewhere === 0;
  $('others').textContent = `另有 ${elsewhere} 人收到消息`;
  $('others').title = '其他人和群里有未读消息，人员名单里有红点';
}

// ---- one chat -------------------------------------------------------------------

function choose(key, quiet) {
  page.chat = key;
  if (key.startsWith('p:') || key.startsWith('r:')) page.speaker = idOf(key);
  document.body.classList.remove('choosing');
  page.seen[key] = (page.chats.get(key) || []).at(-1)?.seq || page.seen[key] || 0;
  drawHead();
  drawChat();
  drawChannels();
  drawMenu();
  drawList();
  remember();
  if (personChat() && !quiet) post('/api/enter', { user: idOf(key), robot: key.startsWith('r:') });
  if (matchMedia('(min-width: 821px)').matches) $('text').focus();
}

function drawHead() {
  const id = idOf(page.chat);
  if (page.chat.startsWith('g:')) {
    const g = page.groups.find((x) => x.id === id);
    $('who-name').textContent = g ? g.name : id;
    drawMembers(g ? g.members || [] : []);
  } else {
    const p = page.byId.get(id);
    $('who-name').textContent = p ? p.name : '先选一个人';
    $('who-post').textContent = p ? [p.unit, p.post].filter(Boolean).join(' ') : '';
  }
  const group = page.chat.startsWith('g:');
  const speaker = group ? page.byId.get(groupSpeaker()) : null;
  $('compose').hidden = !page.chat || (group && !speaker);
  $('plus').hidden = group;
  $('text').placeholder = speaker ? `以${speaker.name}的身份在群里说，会自动 @${page.robotName}` : '输入消息，回车发送';
}

/** groupSpeaker is who talks in the open group: the person chosen last, when in it. */
function groupSpeaker() {
  const members = page.groups.find((x) => x.id === idOf(page.chat))?.members || [];
  return members.includes(page.speaker) ? page.speaker : members[0] || '';
}

/** drawMembers folds a group's names behind their count. */
function drawMembers(members) {
  if (page.open !== page.chat) page.unfolded = false;
  page.open = page.chat;
  const fold = make('button', {
    id: 'members', type: 'button', 'aria-expanded': String(page.unfolded),
    onclick: () => { page.unfolded = !page.unfolded; drawMembers(members); $('members').focus(); },
  }, `${members.length} 人，${page.unfolded ? '收起' : '展开'}`);
  const names = members.map((m) => page.byId.get(m)?.name || m).join('、');
  $('who-post').replaceChildren(fold, ...(page.unfolded ? [make('span', { id: 'names' }, names)] : []));
}

function drawChannels() {
  $('channels').hidden = !(page.robot && personChat());
  $('to-app').setAttribute('aria-pressed', String(page.chat.startsWith('p:')));
  $('to-robot').setAttribute('aria-pressed', String(page.chat.startsWith('r:')));
}

let lastStamp = 0;

function drawChat() {
  lastStamp = 0;
  $('chat').replaceChildren();
  const entries = page.chats.get(page.chat) || [];
  for (const e of entries.slice(-300)) addBubble(e);
  if (!entries.length && page.chat) {
    $('chat').append(make('div', { class: 'empty' }, page.chat.startsWith('g:') ? '群里还没有消息，在下面说一句试试，比如“截止”。' : '还没有消息，说句话试试，比如“帮助”。'));
  }
  $('chat').scrollTop = $('chat').scrollHeight;
}

function addBubble(e) {
  const chat = $('chat');
  chat.querySelector('.empty')?.remove();
  const low = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 160;
  const at = Date.parse(e.at);
  if (Math.abs(at - lastStamp) > 5 * 60000) {
    const t = parts(at);
    chat.append(make('div', { class: 'stamp' }, `${t.date} ${t.hour}`));
  }
  lastStamp = at;
  const mine = e.from && !(e.group && e.from !== groupSpeaker());
  chat.append(make('div', { class: mine ? 'row mine' : 'row' }, e.card ? drawCard(e.card) : bubble(e, mine)));
  if (low || mine) chat.scrollTop = chat.scrollHeight;
}

function bubble(e, mine) {
  const b = make('div', { class: 'bubble' });
  if (e.group) b.append(make('span', { class: 'speaker' }, e.from ? page.byId.get(e.from)?.name || e.from : e.channel === 'robot' ? page.robotName : '机器人'));
  if (e.kind === 'image' && e.file) {
    const img = make('img', { src: '/api/media?id=' + encodeURIComponent(e.file.mediaId), alt: e.file.name });
    img.addEventListener('error', () => img.replaceWith(`[图片 ${e.file.name}]`));
    img.addEventListener('load', () => { $('chat').scrollTop = $('chat').scrollHeight; });
    b.append(img);
  } else if (e.file) {
    const link = mine ? make('span', {}, e.file.name)
      : make('a', { href: '/api/media?id=' + encodeURIComponent(e.file.mediaId), download: e.file.name }, e.file.name);
    b.append(make('span', { class: 'file' }, link));
  } else {
    linkify(b, e.text || '');
  }
  if (e.note) b.append(make('span', { class: 'note' }, e.note));
  return b;
}

/** linkify appends text, with web addresses and the platform's own links as anchors. */
function linkify(into, text) {
  const pattern = /<a\s+href="(https?:\/\/[^"]+)"\s*>([^<]*)<\/a>|(https?:\/\/[^\s<>"'\u3000-\u303f\u4e00-\u9fff\uff00-\uffef”’]+)/g;
  let at = 0;
  for (const m of text.matchAll(pattern)) {
    into.append(text.slice(at, m.index));
    into.append(make('a', { href: m[1] || m[3], target: '_blank', rel: 'noopener noreferrer' }, m[2] || m[1] || m[3]));
    at = m.index + m[0].length;
  }
  into.append(text.slice(at));
}

function drawCard(c) {
  const body = make('div', { class: 'body' },
    c.source ? make('div', { class: 'source' }, c.source) : null,
    make('h4', {}, c.title || ''), c.desc ? make('p', {}, c.desc) : null);
  if (c.rows?.length) body.append(make('dl', {}, ...c.rows.flatMap((r) => [make('dt', {}, r.name), make('dd', {}, r.value)])));
  const done = Boolean(c.replaced);
  const buttons = make('div', { class: 'buttons' });
  if (done) buttons.append(make('button', { type: 'button', disabled: true }, c.replaced));
  else {
    for (const b of c.buttons || []) {
      if (b.url) buttons.append(make('a', { href: /^https?:/.test(b.url) ? b.url : '#', target: '_blank', rel: 'noopener noreferrer' }, b.label));
      else buttons.append(make('button', { type: 'button', class: `style${b.style || 1}`, 'data-key': b.key, onclick: (ev) => press(ev, c.task, b.key) }, b.label));
    }
  }
  const card = make('div', { class: done ? 'card done' : 'card', 'data-task': c.task || '' }, body);
  if (buttons.childNodes.length) card.append(buttons);
  return card;
}

function redrawCard(c) {
  for (const old of $('chat').querySelectorAll('.card')) if (c.task && old.dataset.task === c.task) old.replaceWith(drawCard(c));
}

async function press(ev, task, key) {
  const button = ev.currentTarget;
  button.disabled = true;
  await post('/api/click', { user: idOf(page.chat), task, key });
  button.disabled = false;
}

function drawMenu() {
  const bar = $('menubar');
  const shown = page.chat.startsWith('p:') && page.menu.length > 0;
  bar.hidden = !shown;
  const text = JSON.stringify(page.menu);
  if (!shown || bar.dataset.menu === text) return;
  bar.dataset.menu = text;
  const push = (b) => {
    for (const s of bar.querySelectorAll('.sub')) s.hidden = true;
    if (b.type === 'view') { if (/^https?:/.test(b.url)) window.open(b.url, '_blank', 'noopener'); } else post('/api/menu', { user: idOf(page.chat), key: b.key });
  };
  bar.replaceChildren(...page.menu.map((top) => {
    const item = make('div', { class: 'item' });
    if (!top.sub_button?.length) {
      item.append(make('button', { type: 'button', onclick: () => push(top) }, top.name));
      return item;
    }
    const sub = make('div', { class: 'sub', hidden: true }, ...top.sub_button.map((b) => make('button', { type: 'button', onclick: () => push(b) }, b.name)));
    item.append(sub, make('button', { type: 'button', 'aria-haspopup': 'true', onclick: () => {
      const open = sub.hidden;
      for (const s of bar.querySelectorAll('.sub')) s.hidden = true;
      sub.hidden = !open;
    } }, '≡ ' + top.name));
    return item;
  }));
}

async function say() {
  const text = $('text').value;
  if (!text.trim() || !page.chat) return;
  $('text').value = '';
  grow();
  const body = page.chat.startsWith('g:') ? { user: groupSpeaker(), group: idOf(page.chat), text }
    : { user: idOf(page.chat), text, robot: page.chat.startsWith('r:') };
  await post('/api/say', body);
}

async function attach(kind, file) {
  $('attach').hidden = true;
  $('plus').setAttribute('aria-expanded', 'false');
  const query = new URLSearchParams({ user: idOf(page.chat), kind, name: file ? file.name : '语音.amr' });
  if (page.chat.startsWith('r:')) query.set('robot', '1');
  try {
    const r = await fetch('/api/attach?' + query, { method: 'POST', headers: { 'Content-Type': 'application/octet-stream' }, body: file || new Blob([]) });
    const answer = r.ok ? await r.json() : { ok: false, error: await r.text() };
    if (!answer.ok) toast(answer.error);
  } catch {
    toast('没有发出去，请再试一次。');
  }
}

function grow() {
  const t = $('text');
  t.style.height = 'auto';
  t.style.height = Math.min(t.scrollHeight + 2, 160) + 'px';
}

// ---- the side panel -----------------------------------------------------------

let panelBusy = false;

async function drawPanel() {
  if ($('panel').hidden || panelBusy) return;
  panelBusy = true;
  try {
    const r = await fetch('/api/panel');
    if (r.ok) $('facts').replaceChildren(...facts(await r.json()));
    else $('facts').textContent = await r.text();
  } catch {
    $('facts').textContent = '机器人的内部情况暂时读不到。';
  }
  panelBusy = false;
}

/** facts draws any JSON object: plain values as rows, objects as sections. */
function facts(value) {
  const out = [];
  const plain = make('dl', {});
  for (const [name, v] of Object.entries(value || {})) {
    if (v !== null && typeof v === 'object') {
      out.push(make('h3', {}, Array.isArray(value) ? '' : name), ...facts(v));
    } else {
      plain.append(make('dt', {}, name), make('dd', {}, String(v)));
    }
  }
  if (plain.childNodes.length) out.unshift(plain);
  return out;
}

// ---- start ----------------------------------------------------------------------

function wire() {
  $('tab-people').onclick = () => { page.tab = 'people'; drawList(); };
  $('tab-groups').onclick = () => { page.tab = 'groups'; drawList(); };
  $('search').oninput = drawList;
  $('search').onkeydown = (e) => { if (e.key === 'Enter' && !e.isComposing) $('list').querySelector('.person')?.click(); };
  $('back').onclick = () => { document.body.classList.add('choosing'); drawList(); };
  $('to-app').onclick = () => choose('p:' + idOf(page.chat), true);
  $('to-robot').onclick = () => choose('r:' + idOf(page.chat));
  $('compose').onsubmit = (e) => { e.preventDefault(); say(); };
  $('text').oninput = grow;
  let sending = false;
  $('text').onkeydown = (e) => {
    sending = e.key === 'Enter' && !e.shiftKey && !e.isComposing;
    if (sending) { e.preventDefault(); say(); }
  };
  // Some keyboards insert the line break all the same.
  $('text').addEventListener('beforeinput', (e) => { if (sending && e.inputType === 'insertLineBreak') e.preventDefault(); });
  $('plus').onclick = () => {
    $('attach').hidden = !$('attach').hidden;
    $('plus').setAttribute('aria-expanded', String(!$('attach').hidden));
  };
  for (const b of $('attach').querySelectorAll('button')) {
    b.onclick = () => {
      if (b.dataset.kind === 'voice') { attach('voice'); return; }
      $('file').dataset.kind = b.dataset.kind;
      $('file').accept = b.dataset.kind === 'image' ? 'image/*' : '';
      // A phone opens its camera; elsewhere this is the file picker.
      if (b.dataset.camera) $('file').setAttribute('capture', b.dataset.camera);
      else $('file').removeAttribute('capture');
      $('file').value = '';
      $('file').click();
    };
  }
  $('file').onchange = () => { if ($('file').files[0]) attach($('file').dataset.kind, $('file').files[0]); };
  $('clock-toggle').onclick = () => {
    $('clock-tools').hidden = !$('clock-tools').hidden;
    $('clock-toggle').setAttribute('aria-expanded', String(!$('clock-tools').hidden));
  };
  for (const b of $('clock-tools').querySelectorAll('button[data-advance], button[data-to]')) {
    b.onclick = () => moveClock(b.dataset.advance ? { advance: b.dataset.advance } : { to: b.dataset.to });
  }
  $('clock-form').onsubmit = (e) => { e.preventDefault(); moveClock({ to: $('clock-to').value }); };
  document.addEventListener('keydown', (e) => {
    if (e.key === 'Escape') { $('attach').hidden = true; for (const s of document.querySelectorAll('#menubar .sub')) s.hidden = true; }
  });
  setInterval(drawTime, 1000);
  setInterval(drawPanel, 5000);
}

async function start() {
  wire();
  document.body.classList.add('choosing');
  for (;;) {
    try {
      const people = await (await fetch('/api/people')).json();
      page.people = people.people || [];
      page.groups = people.groups || [];
      page.byId = new Map(page.people.map((p) => [p.userid, p]));
      take(await (await fetch('/api/state')).json());
      break;
    } catch {
      $('time-date').textContent = '正在连接模拟器…';
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
  const old = recall();
  page.seen = old.seen || {};
  drawRoles();
  drawList();
  if (old.speaker && page.byId.has(old.speaker)) page.speaker = old.speaker;
  if (old.chat) choose(old.chat, true);
  poll();
}

start();
