/** @param {number} amount */
const yen = (amount) => `${amount.toLocaleString('ja')}円`;

/** The demo's texts in Japanese. */
export const ja = {
  skip: '本文へ進む',
  languages: '言語 Language',
  tour: 'ガイドツアー',
  placeTitle: '玄関',
  phoneTitle: '会員のスマートフォン',
  who: 'だれのスマートフォン',
  noCode: 'まだ写真を撮っていません。',
  walkTitle: 'ドアから請求まで',
  boardTitle: 'ドア制御盤',
  gatewayTitle: 'ゲートウェイ',
  cloudTitle: '課金サービス（クラウド）',
  handsTitle: 'あなたの手',
  atDoor: 'ドアのところで',
  trouble: 'トラブル',
  time: '店舗の時計',
  billTitle: '請求（課金サービスから見たもの）',
  windowsTitle: '同じ店舗を別の画面から',
  windowWallet: 'ご自身のスマートフォン',
  windowWalletSay: '発行元でログインし、このブラウザを会員の端末として登録し、座席を予約できます。',
  windowDoor: '入口に掲示したコード',
  windowDoorSay: '掲示を端末のカメラで読むと開くページ。絵の中のコードと同じものです。',
  windowConsole: '運営者のコンソール',
  windowConsoleSay: 'ユーザー名とパスワードは起動した端末に表示されています（起動ごとに新しくなります）。',
  ledgerTitle: '判断と記録',
  ledgerHint: 'ゲートウェイの台帳。新しいものが上です。どの行も、何かが動く前にディスクに書かれています。',
  scanEntry: '入口のリーダーにかざす',
  scanExit: '出口のリーダーにかざす',
  preview: 'いま退室するといくら？',
  photograph: 'このコードを写真に撮る',
  opening: '店舗を準備しています…',
  silent: 'デモが応答していません。表示中の内容は、いまの状態とは限りません。',
  /** @param {string} what */
  failed: (what) => `できませんでした：${what}`,
  free: '自由に試す',
  freeSay:
    'ドアそのもの以外はすべて本物です。ファームウェアはエミュレートした Arduino の上で一命令ずつ動き、ゲートウェイは製品そのものが独立したプロセスで動いています。上の場面を選ぶか、自由にお試しください。',
  freeDo: '場面 1 から始める',
  /** @param {number} scene @param {number} step @param {number} of */
  step: (scene, step, of) => `場面 ${scene}・${of} のうち ${step}`,
  /** @param {number} scene */
  ended: (scene) => `場面 ${scene}・おわり`,
  /** @param {string} title */
  next: (title) => `次：${title}`,
  again: 'もう一度',
  preparing: '新しい朝を迎えています…',
  waiting: 'コードがリーダーの下にあります…',
  sameWish: '新しい判断はありません。直前と同じご希望として扱われました。',
  unheard: '応答がありません。ゲートウェイが停止しているか、リーダーが抜けています。ドアは閉じたままです。',
  pulled: 'ドアが開きました。',
  shut: '施錠されています。ドアは開きません。',
  photographed: 'コードの写真を撮りました。',
  granted: '許可',
  denied: '拒否',
  yen,
  /** @type {Readonly<Record<import('./phone.js').Holder, { name: string, by: string }>>} */
  people: {
    seat: { name: '座席の予約', by: '田中さん' },
    room: { name: '会議室の予約', by: '佐藤さん（ホスト）' },
    guest: { name: 'そのゲスト', by: '会員登録なし' },
    ticket: { name: 'ベーシックチケット', by: '31回のうち29回利用済み' },
    premium: { name: 'プレミアムチケット', by: '回数制限なし' },
    forger: { name: '偽造されたパス', by: '名前は正しく、鍵が違う' },
    photo: { name: 'コードの写真', by: '他人のスマートフォン' },
  },
  holds: {
    /** @param {import('../../../../shared/contract/pass.ts').Reservation} held @param {string} span */
    reservation: ({ space, yenPer30Min, role }, span) =>
      role === 'guest'
        ? `${space.id} のゲスト、${span}、無料`
        : `${space.id}、${span}、30分 ${yen(yenPer30Min)}`,
    /** @param {import('../../../../shared/contract/pass.ts').Ticket} held */
    ticket: ({ plan, used }) =>
      plan === 'basic'
        ? `ベーシックチケット（デモ開始時 ${used} 回利用済み）`
        : 'プレミアムチケット（全店舗）',
  },
  /** @param {number} bytes */
  codeSize: (bytes) => `${bytes} バイト・10秒ごとに更新`,
  codeAlt: 'スマートフォンに表示されたQRコード',
  previewNone: 'このスマートフォンの滞在はありません。',
  previewFree: 'この滞在そのものに料金はかかりません。',
  /** @param {import('../../../../shared/contract/charge.ts').Charge} charge @param {string} span */
  previewSay: (charge, span) => `いま退室すると ${yen(charge.yen)}（${span}、30分 × ${charge.units}）`,
  doorFacts: {
    lock: '錠の出力',
    leaf: '扉',
    released: '解錠',
    secured: '施錠',
    open: '開',
    closed: '閉',
    unknown: '不明',
    noPower: '電源なし',
  },
  /** @param {string} lock @param {string} leaf @param {number | null} inside */
  placeSays: (lock, leaf, inside) => `玄関：錠 ${lock}、扉 ${leaf}、滞在 ${inside ?? '不明'} 名`,
  node: {
    power: '電源',
    on: '入',
    off: '切',
    starting: '起動中',
    relay: 'リレーのピン',
    high: 'High',
    low: 'Low',
    usb: 'USBケーブル',
    plugged: '接続',
    unplugged: '抜けている',
    says: 'ドアについての認識',
    clock: '時計',
    trust: { trusted: '信頼', holdover: '保持', untrusted: '未確認' },
    journal: '台帳',
    /** @param {number} n */
    rows: (n) => `${n} 行`,
    outbox: '送信待ち',
    /** @param {number} n */
    waiting: (n) => (n === 0 ? 'なし' : `受領待ち ${n} 件`),
    line: '回線',
    up: '接続',
    down: '切断',
    storage: 'ディスク',
    stored: '受け取ったイベント',
    receipt: '受領の署名',
    gaps: '欠番',
    doubles: '捨てた重複',
    agrees: '自前の計算',
    agreed: '一致',
    /** @param {number} n */
    differs: (n) => `${n} 件不一致`,
    inside: '滞在',
  },
  /** @type {Readonly<Record<import('./controls.js').Press, string> & Record<import('./controls.js').Switch, readonly [on: string, off: string]>>} */
  controls: {
    pull: 'ドアを引く',
    prop: '開けて固定する',
    push: 'ドアを閉める',
    force: 'こじ開ける',
    'press-exit': '退室ボタンを押す',
    fire: ['火災報知', '火災報知を解除'],
    tamper: ['盤を開ける', '盤を閉める'],
    board: ['制御盤を抜く', '制御盤を挿す'],
    entry: ['入口リーダーを抜く', '入口リーダーを挿す'],
    exit: ['出口リーダーを抜く', '出口リーダーを挿す'],
    'board-power': ['制御盤の電源を切る', '制御盤の電源を入れる'],
    'gateway-power': ['ゲートウェイを落とす', 'ゲートウェイを起動'],
    line: ['回線を切る', '回線をつなぐ'],
    '+1m': '＋1分',
    '+30m': '＋30分',
    '10:29:50': '10:29:50 へ',
    '10:30:00': '10:30:00 へ',
    'past-closing': '閉店（22:00）後へ',
    'next-morning': '翌朝へ',
    'the-31st': '31日へ',
  },
  /** @type {Readonly<Partial<Record<string, string>>>} */
  refused: {
    'no-photo': 'まだ写真を撮っていません。',
    'not-forwards': 'その時刻は過ぎています。時計は進むだけです。',
    'gateway-dead': 'ゲートウェイが停止しているため、だれにもわかりません。',
  },
  billEmpty: '課金サービスには、まだ利用の記録がありません。',
  /** @param {{ stored: number, receipt: number }} cloud */
  billHint: ({ stored, receipt }) => `${stored} 件を受け取り、${receipt} 番まで受領に署名しました。`,
  billCut: '回線が切れています。いまドアで起きていることは届きません。',
  inside: '滞在中',
  notBilled: '課金なし',
  voided: '取り消し（錠が動かなかった）',
  /** @param {{ used: number, remaining: number | null }} use */
  use: ({ used, remaining }) =>
    remaining === null ? `今期 ${used} 回目` : `${used} 回目・残り ${remaining} 回`,
  /** @param {import('../../../../shared/contract/charge.ts').Charge} charge */
  arithmetic: ({ units, unitsBeforeCap, yen: amount, tariff }) =>
    `${units} × 30分 × ${yen(tariff.yenPer30Min)} = ${yen(amount)}${units < unitsBeforeCap ? `（上限適用前 ${unitsBeforeCap}）` : ''}`,
  offline: '回線切断中に計算',
  /** @param {number} n */
  superseded: (n) => `${n} 件の課金を置き換え`,
  /** @type {Readonly<Record<import('../../../../shared/contract/charge.ts').ChargeRule, string>>} */
  rules: {
    cancelled: '期限内のキャンセル：課金なし。',
    'no-show-reserved': '無断キャンセル：予約時間分。',
    reserved: '原則「予約時間」によって課金されます。',
    'early-checkout-reserved': '早い退室：予約終了時間まで。',
    'h1t-shortened':
      'H1T：チェックアウト時間に応じて予約が短縮されます。始まっている30分は課金対象（10:30:00 ちょうどを含む）。',
    'late-seat': '遅い退室（席）：チェックアウト時間まで。',
    'late-room-reserved': '遅い退室（会議室）：予約時間まで。',
    'forgotten-seat-to-closing': 'チェックアウト忘れ（席）：営業終了時間まで。',
    'forgotten-no-closing': '閉店のない店舗でのチェックアウト忘れ：予約時間分、要確認。',
    'forgotten-room-reserved': 'チェックアウト忘れ（会議室）：予約時間分。',
  },
  source: '規則の原文',
  /** @type {Readonly<Record<import('../acts.ts').SceneName, { title: string, says: readonly string[], dos: readonly string[] }>>} */
  scenes: {
    visit: {
      title: 'ふつうの利用',
      says: [
        '新しい朝です。田中さんは座席12を9:00から12:00まで、30分500円で予約しています。この店舗にスタッフはいません。',
        '9時になりました。スマートフォンのコードは端末の鍵で署名され、10秒ごとに新しくなります。',
        'ゲートウェイは二つの署名を確かめ、判断し、許可をディスクに書き終えてから、制御盤に3秒の解錠を頼みました。リレーのピンをご覧ください。',
        '入室しました。解錠がチェックインです。利用は許可の番号とともに記録されています。',
        '正午です。出口のリーダーにコードをかざします。',
        '30分が6つで3,000円。ゲートウェイがその場で計算し、課金サービスも受け取った記録から計算し直して一致しました。',
        'おわり。スタッフもネットワークも待たず、すべてが台帳に残っています。',
      ],
      dos: ['9:00 にする', 'コードをかざす', '入る', '正午にする', 'チェックアウト', '出る'],
    },
    'half-past-ten': {
      title: '10時半',
      says: [
        'H1T の店舗では、チェックアウトの時刻で料金が決まります。次の30分はいつから数えるのでしょうか。',
        '9時にチェックイン、予約は12時までです。',
        '入室しました。ここからは秒が大切です。',
        '10:29:50。始まった30分は3つ、1,500円です。',
        '10:30:00。いま始まる30分も「始まった」ので、11:00 までの2,000円です。規則の資料に印刷されている例です。',
        '9:00–11:00 が課金されました。残りの予約はすぐに空き、クラウドにも伝わります。',
        'ドアとクラウドで同じ関数が動くので、食い違いは起こりません。',
      ],
      dos: ['9:00 にチェックイン', '入る', '10:29:50 まで待つ', '10秒後', 'チェックアウト', '出る'],
    },
    'line-down': {
      title: '回線が切れた',
      says: [
        '工事で光ファイバーが切れました。クラウドに頼るドアならどうなるでしょう。このドアは頼りません。',
        '回線は切れています。パスはゲートウェイ自身が持つ鍵で確かめます。',
        '許可されました。送信待ちが増えます。ブローカーの応答では消えず、署名された受領だけが消します。',
        '入室しました。課金サービスはまだ何も知らず、そのとおりに表示しています。',
        '10:30 にチェックアウト。同じ規則で計算され、「回線切断中に計算」と記されています。',
        '退室しました。すべてが順番どおりディスクで待っています。',
        '回線が戻りました。どのイベントも一度ずつ順番に届き、受領によって送信待ちが空になりました。',
      ],
      dos: ['回線を切る', 'コードをかざす', '入る', '10:30 にチェックアウト', '出る', '回線をつなぐ'],
    },
    'power-cut': {
      title: '電源が落ちた',
      says: [
        '停電が最もこたえるのは、許可からドアが開くまでの間です。',
        'いま許可されました。ここでゲートウェイを落とします。本物の SIGKILL で、後始末は一切行われません。',
        'ゲートウェイは止まりました。解錠の時間はマイコンが自分で計っており、頼まれた時間より長く開けておくことはありません。',
        'ドアが開いたかどうかは、その3秒だけで決まります。ゲートウェイを起動しましょう。',
        '台帳の許可を見つけ、制御盤が何に従ったかを尋ねました。利用は一つ。二つでも、ゼロでもありません。',
        '正午に、いつもどおりチェックアウトしました。',
        '台帳の番号に欠けはなく、課金は一件です。',
      ],
      dos: [
        '9:00 にチェックイン',
        'ゲートウェイを落とす',
        'ドアを引く',
        'ゲートウェイを起動',
        '正午にチェックアウト',
        '出る',
      ],
    },
    forged: {
      title: '偽造されたコード',
      says: [
        '名前も時刻も店舗も正しいパスを、だれかが自分の鍵で署名して作りました。',
        '9時です。偽造者がドアの前に立っています。',
        '「読み取れない」の一言だけで拒否しました。署名が両方とも正しいとわかるまで、理由は教えません。リレーのピンは一度も上がっていません。',
        'ドアは開きません。',
        '次の会員に迷惑はかかりません。リーダーはすぐに使えました。',
        '拒否と許可が、台帳に並んで残っています。',
      ],
      dos: ['9:00 にする', '偽造コードをかざす', 'ドアを引く', '本物の会員が来る', '入る'],
    },
    photographed: {
      title: '撮影されたコード',
      says: [
        '画面のコードは写真に撮れます。写真は鍵になるでしょうか。',
        '肩越しに写真を撮られました。本人が先にかざします。',
        '許可されました。これでこのコードは使用済みです。',
        '入室しました。',
        '1分後に写真をかざしましたが、拒否されました。使用済みで、しかも古すぎます。',
        '写真は鍵になりません。証明の寿命は15秒、使えるのは一度きりで、鍵は本人の端末から出られません。',
      ],
      dos: ['コードを撮影する', '本人がかざす', '本人が入る', '写真をかざす', 'ドアを引く'],
    },
    forgotten: {
      title: 'チェックアウト忘れ',
      says: [
        'だれもチェックアウトしなかったら、どうなるでしょうか。',
        '9時にチェックインしました。',
        '入室しました。',
        '退室ボタンは、だれでも、いつでも外に出します。チェックアウトにはならず、コードは忘れられました。',
        '出ていきましたが、利用は続いたままです。',
        '閉店時刻を過ぎ、規則どおり一度だけ、22:00 までで精算されました。運営者は訂正でき、記録には両方が残ります。',
      ],
      dos: ['9:00 にチェックイン', '入る', '退室ボタンを押す', '出る', '閉店後にする'],
    },
    forced: {
      title: 'こじ開けられたドア',
      says: [
        'いまはだれも入れません。そこへ、バールを持った人が来ました。',
        'こじ開けを0.5秒以内に報告しました。制御盤の知るどの理由もなく扉が開いたからです。',
        '閉まりました。アラームはイベントとして届き、だれも閉じ込められてはいません。',
      ],
      dos: ['こじ開ける', '閉める'],
    },
    'pi-dead': {
      title: 'Pi が止まっても退室ボタン',
      says: [
        '消防の方が必ず尋ねること：コンピューターが止まったら？',
        'ゲートウェイは止まっています。外からは開きません。入室は安全側に倒れます。',
        'ドアは開きません。では中からは？',
        'ファームウェアが0.1秒以内に自分で解錠しました。上のプログラムには尋ねません。',
        '外へ出ました。実際のドアには、電子回路では妨げられない錠の電源遮断も備えます。',
        'ゲートウェイが戻り、最後に信じていたことではなく、制御盤から聞いたことを表示しています。',
      ],
      dos: ['ゲートウェイを落とす', '外から引く', '中で退室ボタンを押す', '出る', 'ゲートウェイを起動'],
    },
  },
};
