/** Every text of the console in Japanese. */
export const ja = {
  skip: '本文へ',
  title: '管理コンソール',
  otherLanguage: 'English',
  signIn: 'サインイン',
  signOut: 'サインアウト',
  signInTitle: '管理コンソール',
  signInHint: 'アカウントはゲートウェイで作成します：genkan operator add 名前',
  name: '名前',
  password: 'パスワード',
  newPassword: '新しいパスワード（12文字以上）',
  signedOut: 'サインアウトしました。もう一度サインインしてください。',
  nav: { overview: '概要', alarms: 'アラーム', events: '履歴', charts: '統計' },
  navLabel: 'ページ',
  silent: 'ゲートウェイから応答がありません。「不明」の項目は現在わかりません。',
  lineNone: 'クラウドなし',
  lineUp: '回線 接続中',
  lineDown: '回線 切断',
  /** @param {number} count */
  outbox: (count) => (count === 0 ? 'クラウド送信済み' : `クラウド未送信 ${count} 件`),
  /** @param {number} minutes */
  billing: (minutes) => (minutes === 0 ? '請求連携 最新' : `請求連携 ${minutes} 分の遅れ`),
  /** @type {Readonly<Record<import('../../../../shared/contract/events.ts').ClockTrust, string>>} */
  clockStates: { trusted: '時刻 確認済み', holdover: '時刻 保持中', untrusted: '時刻 未確認' },
  storageStates: { ok: '記録装置 正常', degraded: '記録装置の異常：入室停止中' },
  /** @param {number} bytes */
  free: (bytes) => `空き ${(bytes / 1e9).toFixed(1)} GB`,
  insideTitle: '滞在中',
  insideNone: '滞在中の方はいません。',
  reviewTitle: '確認が必要な利用',
  /** @param {number} count */
  insideCount: (count) => `${count}名`,
  /** @param {{ free: number, capacity: number }} seats */
  occupancy: ({ free, capacity }) => `空席 ${free} / ${capacity}`,
  signs: { '○': '空席あり', '△': '残りわずか', '×': '満席' },
  /** @param {string} at */
  since: (at) => `${at} から`,
  /** @param {string} at */
  until: (at) => `${at} まで`,
  ticket: 'チケット',
  /** @type {Readonly<Record<import('../../../../shared/contract/state.ts').DoorMode, string>>} */
  modes: { normal: '通常', 'hold-open': '開放中', lockdown: '封鎖中', 'fire-release': '火災解錠' },
  /** @type {Readonly<Record<import('../../../../shared/contract/state.ts').ModeSource, string>>} */
  modeSources: { fire: '火災入力', operator: '管理者', schedule: '開放時間', default: '' },
  /** @param {{ by: string, reason: string }} order */
  orderedBy: ({ by, reason }) => `${by}：${reason}`,
  contact: '扉',
  lockTitle: '錠',
  modeTitle: 'モード',
  controllerTitle: '制御盤',
  scannersTitle: '読取機',
  lastAccess: '最後の利用',
  none: '–',
  health: { true: '接続中', false: '切断', null: '不明' },
  commands: { unlock: '解錠', 'hold-open': '開放', secure: '施錠', lockdown: '封鎖', resume: '通常に戻す' },
  /** @type {Readonly<Record<import('./api.js').DoorCommand, (door: string) => string>>} */
  commandTitles: {
    unlock: (door) => `${door} を一度だけ解錠しますか`,
    'hold-open': (door) => `${door} を開放しますか`,
    secure: (door) => `${door} を施錠しますか`,
    lockdown: (door) => `${door} を封鎖しますか`,
    resume: (door) => `${door} を通常に戻しますか`,
  },
  commandMeanings: {
    unlock: '錠を一度だけ開けます。結果は扉のセンサーで確認した事実をお知らせします。',
    'hold-open': '施錠するか通常に戻すまで、再起動後も解錠したままにします。入退室の記録は続きます。',
    secure: 'ただちに施錠し、通常に戻すまでは開放時間でも施錠したままにします。',
    lockdown: 'コード・チケット・スタッフ用パスのいずれでも入室できなくなります。退室はいつでもできます。',
    resume: '管理者の指示を終えます。開放時間内であれば扉は開放されます。',
  },
  reason: '理由',
  reasonHint: 'お名前とともに台帳に残ります。',
  cancel: 'やめる',
  confirm: '実行',
  close: '閉じる',
  working: '扉の応答を待っています…',
  /** @type {Readonly<Record<import('../../../../shared/contract/command.ts').DoorEffectSeen, string>>} */
  effects: {
    opened: '解錠し、扉が開きました。',
    released: '解錠しました。扉は開けられていません。',
    'released-open': '解錠しました。扉はすでに開いています。',
    'not-released': '解錠を確認できませんでした。',
    secured: '施錠しました。',
    'secured-open': '施錠の指示は有効ですが、扉が開いています。閉まるまで誰でも入れます。',
    'not-secured': '施錠を確認できませんでした。',
  },
  /** @type {Readonly<Partial<Record<string, string>>>} */
  refusals: {
    password: 'パスワードが違います。',
    role: 'この操作の権限がありません。',
    'wrong-credentials': '名前またはパスワードが違います。',
    'too-many-attempts': 'パスワードの誤りが続いています。しばらくお待ちください。',
    'wrong-origin': 'HTTPS、またはゲートウェイ本体からサインインしてください。',
    'not-signed-in': 'もう一度サインインしてください。',
    'new-password': 'このパスワードは一度だけ使えます。新しいパスワードを決めてください。',
    storage: '台帳に記録できないため、何も行われませんでした。',
    busy: '混み合っています。もう一度お試しください。',
    'bad-request': '入力内容を確認してください。',
    'no-such-alarm': 'このアラームは終了したか、すでに確認されています。',
    'no-such-stay': '該当する滞在がありません。',
  },
  /** @param {string} detail */
  refused: (detail) => `受け付けられませんでした：${detail}`,
  /** @param {string} detail */
  certificate: (detail) =>
    detail === '0'
      ? '（期限切れ）'
      : detail === 'renewal'
        ? '（更新された証明書を使えません）'
        : `（残り${detail}日未満）`,
  /** @type {Readonly<Record<import('../../../../shared/contract/alarm.ts').AlarmState, string>>} */
  alarmStates: { active: '発生中', acknowledged: '確認済み', ended: '復旧・未確認', closed: '終了' },
  alarmsNone: '未処理のアラームはありません。',
  alarmsNoneClosed: '終了したアラームはありません。',
  alarmsTitle: 'アラーム',
  alarmsOpen: '未処理',
  alarmsClosed: '終了',
  acknowledge: '確認する',
  note: 'メモ',
  /** @param {string} kind */
  noteTitle: (kind) => `メモ：${kind}`,
  /** @param {string} kind */
  acknowledgeTitle: (kind) => `確認：${kind}`,
  /** @param {string} by @param {string} at */
  acknowledgedBy: (by, at) => `${by} が確認（${at}）`,
  /** @param {number} count */
  times: (count) => `${count}回`,
  /** @param {string} at */
  latest: (at) => `最新 ${at}`,
  /** @param {string} at */
  asOf: (at) => `${at} の状態です。現在の状態はわかりません。`,
  gateway: 'ゲートウェイ',
  eventsTitle: '履歴',
  recentTitle: '最近の出来事',
  recentNone: 'この画面を開いてからは何も起きていません。',
  all: 'すべて',
  filter: { kind: '種類', door: 'ドア', text: '会員・滞在・予約', from: 'いつから', to: 'いつまで' },
  apply: '表示',
  older: 'さらに前の履歴',
  exportCsv: 'CSV',
  exportJson: 'JSON',
  /** @param {string} yen */
  total: (yen) => `表示中の課金の合計（訂正を反映）：${yen}`,
  eventsNone: '該当する出来事はありません。',
  groups: {
    access: '入退室',
    stay: '滞在',
    charge: '課金',
    reservation: '予約',
    door: 'ドア',
    controller: '制御盤',
    scanner: '読取機',
    command: '遠隔操作',
    gateway: 'ゲートウェイ',
  },
  toStay: '滞在',
  /** @param {string} sub */
  stayTitle: (sub) => `${sub} の滞在`,
  /** @type {Readonly<Record<import('../../../access/stay.ts').StayState, string>>} */
  stayStates: {
    open: '滞在中',
    'checked-out': '退室済み',
    forgotten: 'チェックアウト忘れ',
    'no-show': '無断キャンセル',
    voided: '取り消し',
  },
  chain: '経過',
  receipted: '送信済み',
  unreceipted: '未送信',
  chargeTitle: '課金の内訳',
  chargeNone: 'まだ課金はありません。',
  chargeTicket: 'チケットの利用は無料で、1回と数えます。',
  /** @type {Readonly<Record<import('../../../../shared/contract/charge.ts').ChargeRule, string>>} */
  rules: {
    cancelled: '開始前にキャンセル：課金なし。',
    'no-show-reserved': '無断キャンセル：予約時間どおり課金。',
    reserved: '予約の終了時にチェックアウト：予約時間どおり課金。',
    'early-checkout-reserved': '早めのチェックアウト（通常店舗）：予約時間どおり課金。',
    'h1t-shortened': '早めのチェックアウト（H1T）：チェックアウトまでに始まった30分ごとに課金。',
    'late-seat': '席の延長：チェックアウトより前に始まった30分ごとに課金。',
    'late-room-reserved': '会議室の延長：予約時間どおり課金。',
    'forgotten-seat-to-closing': '席のチェックアウト忘れ：閉店時刻まで課金。',
    'forgotten-no-closing': 'チェックアウト忘れ（閉店なし）：予約時間どおり課金、要確認。',
    'forgotten-room-reserved': '会議室のチェックアウト忘れ：予約時間どおり課金。',
  },
  /** @param {string} from @param {string} to */
  lineReserved: (from, to) => `予約 ${from}–${to}`,
  /** @param {string} from @param {string} to */
  lineStamps: (from, to) => `チェックイン ${from}・チェックアウト ${to}`,
  /** @param {string} from @param {string} to @param {number} units */
  lineUnits: (from, to, units) => `課金対象 ${from}–${to}：30分 × ${units}`,
  /** @param {number} units */
  lineCap: (units) => `課金上限により 30分 × ${units}`,
  lineNoCap: '課金上限の適用なし',
  /** @param {number} units @param {string} price @param {string} total */
  lineAmount: (units, price, total) => `${units} × ${price} = ${total}`,
  lineFlags: '注記',
  /** @param {string} reading @param {string} yen */
  lineAlternatives: (reading, yen) => `規則の別の読み方（${reading}）：${yen}`,
  lineOffline: '回線切断中に計算',
  remedies: '訂正',
  checkOut: 'チェックアウトする',
  correctStay: '滞在を訂正する',
  checkInAt: 'チェックイン',
  checkOutAt: 'チェックアウト',
  remedyHint: '台帳には元の記録と訂正の両方が残り、課金は訂正後のものに置き換わります。',
  /** @param {number | undefined} yen */
  remedyDone: (yen) =>
    yen === undefined
      ? '訂正しました。'
      : `訂正しました。課金は ${yen.toLocaleString('ja')}円 になりました。`,
  missing: '該当する滞在がありません。',
  chartsTitle: '統計',
  chartHours: '時間帯ごとのチェックイン',
  chartDays: '日ごとの最大同時滞在',
  chartBacklog: '未送信の件数',
  chartAge: '最も古い未送信の経過秒数',
  chartToday: '今日',
  chartAverage: '前日までの平均',
  chartNone: 'まだデータがありません。',
  hour: '時',
  date: '日',
  visits: '利用',
  most: '最大同時',
};
