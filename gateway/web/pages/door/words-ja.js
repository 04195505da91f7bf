/** @param {number} amount */
const yen = (amount) => `${amount.toLocaleString('ja')}円`;
/** @param {string} id */
const space = (id) => id.replace(/^seat-/, '座席 ').replace(/^room-/, '会議室 ');

/** Every text of the door page in Japanese, but the reasons of a refusal, which the gateway tells. */
export const words = {
  yen,
  space,
  sides: { entry: '入口', exit: '出口' },
  otherLanguage: 'English',
  starting: '準備しています…',
  /** @param {string} name */
  welcome: (name) => `${name} さん`,
  seat: 'ご予約',
  plan: 'チケット',
  plans: { basic: 'ベーシック', premium: 'プレミアム', corporate: '法人' },
  usesLeft: '残り回数',
  /** @param {number | null} count */
  uses: (count) => `${count} 回`,
  nothingBooked: '本日のご予約は見つかりませんでした。直前のご予約は、そのままお試しいただけます。',
  staff: 'スタッフ用パス',
  open: 'ドアを開ける',
  openAgain: 'もう一度ドアを開ける',
  checkOutNext: '残りのご利用もチェックアウトする',
  /** @param {string} name */
  stillOpen: (name) => `${name} はまだご利用中です。`,
  checkOutHere: 'ここでチェックアウトする',
  /** @param {string} name */
  leftOpen: (name) =>
    `${name} のご利用は、まだチェックアウトされていません。ここでチェックアウトできます（ドアは開きません）。`,
  checkOut: 'チェックアウトして出る',
  leave: '出口のドアを開ける',
  working: '確認しています…',
  exitTitle: 'チェックアウト',
  nothingOpen: 'チェックイン中のご利用はありません',
  nothingOpenText: '退室は、出口ボタンでいつでもできます。',
  costsNow: 'いま出ると',
  noCost: '0円',
  ticketVisit: 'チケットのご利用',
  charged: '課金時間',
  /** @param {string} at */
  priceBefore: (at) => `${at} より前のチェックアウトなら、この料金です。`,
  /** @param {string} at */
  priceUntil: (at) => `${at} までのチェックアウトなら、この料金です。`,
  /** @param {readonly string[]} rest */
  afterThis: (rest) => `このあと ${rest.join('、')} のご利用が残ります。`,
  inSince: 'チェックイン',
  until: 'ご利用終了',
  paid: 'ご利用料金',
  /** @param {string} at */
  leaveBefore: (at) => `${at} より前に出ると`,
  doorStuck: 'ドアが開かないときは、もう一度押してください。二重に課金されることはありません。',
  granted: {
    'check-in': 'チェックインしました',
    're-entry': 'おかえりなさい',
    'check-out': 'チェックアウトしました',
    admit: 'ドアをお開けください',
  },
  openNow: 'ドアをお開けください。',
  thanks: 'ドアをお開けください。ご利用ありがとうございました。',
  thanksHere: 'ドアは開きません。ご利用ありがとうございました。',
  shut: 'ドアは開きません',
  noDoor: 'このドアは見つかりません',
  noDoorText: '掲示のコードが古い可能性があります。ドアのコードをもう一度読み取ってください。',
  insecure: '安全な接続ではありません',
  insecureText:
    'このアドレスでは、ブラウザがお客様の鍵を使えません。下のボタンから安全なページを開くか、ドアのコードをもう一度読み取ってください。',
  insecureOnly:
    'このアドレスでは、ブラウザがお客様の鍵を使えません。この店舗は安全な接続（https）の準備ができていません。お手数ですが、店舗へご連絡ください。',
  openSecure: '安全なページを開く',
  elsewhere: 'アドレスが違います',
  elsewhereText: 'お客様の鍵は店舗の正式なアドレスで使えます。下のボタンからお進みください。',
  openRight: '正式なページを開く',
  noStorage: 'このブラウザには鍵を保存できません',
  noStorageText:
    'プライベートモードやロックダウンモードでは、端末の鍵を保存できません。通常のウィンドウで開き直すか、会員ページに表示される短時間のQRをスキャナーにかざしてください。',
  account: '会員ページでQRを表示',
  notEnrolled: 'この端末を登録してください',
  notEnrolledText:
    '会員サインインのあと、この端末だけの鍵を登録します。1分ほどで終わります。以前に登録した場合も、しばらく使わないとブラウザが鍵を消すことがあります。',
  handOff: '会員ページの鍵を使う',
  noIssuer:
    'この店舗では、スマートフォンでの解錠を受け付けていません。アプリのQRをスキャナーにかざしてください。',
  enrol: 'サインインして登録する',
  enrolOffline: '登録にはインターネット接続が必要です。接続を確認してから、もう一度お試しください。',
  enrolCancelled: '登録は行われませんでした',
  enrolFailed: '登録できませんでした。もう一度お試しください。',
  replaced: '別の端末が登録されています',
  replacedText:
    'パスは1台の端末だけで使えます。この端末で使うには、もう一度登録してください。もう一方の端末の登録は外れます。',
  unreachable: 'ドアの機器につながりません',
  unreachableText:
    '店舗のWi-Fiに接続して、もう一度お試しください。つながらないときは、QRをスキャナーにかざすとドアが開きます。',
  unreachableNoQr: '店舗のWi-Fiに接続して、もう一度お試しください。',
  retry: 'もう一度試す',
  failed: 'うまくいきませんでした',
  failedText: '時間をおいて、もう一度お試しください。続くときは店舗へご連絡ください。',
  renew: 'パスを更新する',
  scanAgain: 'ドアのコードを読み取り直してください',
  qr: 'QRを表示',
  visits: 'ご利用履歴',
  call: '店舗へ電話',
  free: '料金なし',
  capped: '上限適用',
};
