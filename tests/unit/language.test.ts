import { expect, test } from "vitest";
import { detectLanguage } from "#lib/ingestion/detect-language.ts";
import { parseBytes, parseFixture } from "./parse-fixture.ts";

const sentences: Record<string, string> = {
  en: "The lighthouse keeper writes down every ship that passes before the fog comes in.",
  de: "Der Leuchtturmwärter schreibt jedes Schiff auf, das vorbeifährt, bevor der Nebel kommt.",
  fr: "Le gardien du phare note chaque navire qui passe avant que le brouillard n'arrive.",
  es: "El farero apunta cada barco que pasa antes de que llegue la niebla por la mañana.",
  pt: "O faroleiro anota cada navio que passa antes de o nevoeiro chegar pela manhã.",
  it: "Il guardiano del faro annota ogni nave che passa prima che arrivi la nebbia.",
  nl: "De vuurtorenwachter schrijft elk schip op dat voorbijvaart voordat de mist komt.",
  ca: "El faroner apunta cada vaixell que passa abans que arribi la boira del matí.",
  eu: "Itsasargiko zaindariak igarotzen den ontzi bakoitza idazten du lainoa etorri baino lehen.",
  da: "Fyrmesteren skriver hvert skib ned, der sejler forbi, før tågen kommer ind fra havet.",
  sv: "Fyrvaktaren skriver upp varje fartyg som går förbi innan dimman kommer in från havet.",
  no: "Fyrvokteren skriver ned hvert eneste skip som seiler forbi, før tåken kommer inn fra sjøen.",
  fi: "Majakanvartija kirjoittaa muistiin jokaisen ohi kulkevan laivan ennen kuin sumu saapuu.",
  et: "Majakavaht kirjutab üles iga laeva, mis möödub enne seda, kui udu merelt tuleb.",
  hu: "A világítótorony őre minden elhaladó hajót feljegyez, mielőtt megérkezik a köd.",
  ro: "Paznicul farului notează fiecare corabie care trece înainte să vină ceața dinspre mare.",
  lt: "Švyturio prižiūrėtojas užrašo kiekvieną praplaukiantį laivą, kol dar neatėjo rūkas.",
  pl: "Latarnik zapisuje każdy statek, który przepływa, zanim nadejdzie poranna mgła.",
  cs: "Strážce majáku zapisuje každou loď, která propluje, než přijde ranní mlha.",
  tr: "Deniz feneri bekçisi, sis gelmeden önce geçen her gemiyi deftere yazıyor.",
  id: "Penjaga mercusuar mencatat setiap kapal yang lewat sebelum kabut datang dari laut.",
  vi: "Người gác hải đăng ghi lại từng con tàu đi qua trước khi sương mù kéo đến.",
  ga: "Scríobhann coimeádaí an tí solais síos gach long agus gach bád a théann thart.",
  ru: "Смотритель маяка записывает каждый корабль, который проходит мимо до тумана.",
  uk: "Доглядач маяка записує кожен корабель, який проходить повз, перш ніж прийде туман.",
  sr: "Чувар светионика записује сваки брод који прође пре него што дође магла.",
  el: "Ο φαροφύλακας σημειώνει κάθε πλοίο που περνά πριν έρθει η ομίχλη.",
  hy: "Փարոսապահը գրի է առնում ամեն նավ, որն անցնում է մինչև մառախուղը։",
  ar: "يكتب حارس المنارة كل سفينة تمر قبل أن يأتي الضباب من البحر.",
  fa: "نگهبان فانوس دریایی هر کشتی را که می‌گذرد پیش از آمدن مه یادداشت می‌کند.",
  he: "שומר המגדלור רושם כל ספינה שעוברת לפני שמגיע הערפל.",
  yi: "דער היטער פון דעם לייכטטורעם שרייבט אויף יעדע שיף און יעדן שיפל.",
  hi: "प्रकाशस्तंभ का रखवाला कोहरा आने से पहले गुजरने वाले हर जहाज को लिखता है।",
  ne: "बत्तीघरका रक्षकले कुहिरो आउनुअघि जाने हरेक जहाजहरू लेख्ने गरेको छ।",
  ta: "கலங்கரை விளக்கக் காவலர் கடந்து செல்லும் ஒவ்வொரு கப்பலையும் எழுதுகிறார்.",
  zh: "灯塔看守人在雾来之前记下每一艘经过的船，并写明时间。",
  ja: "灯台守は霧が来る前に通り過ぎるすべての船を書き留めます。",
  ko: "등대지기는 안개가 오기 전에 지나가는 모든 배를 기록합니다.",
  th: "ผู้ดูแลประภาคารจดบันทึกเรือทุกลำที่ผ่านไปก่อนที่หมอกจะมา",
};

test.each(Object.entries(sentences))("a sentence is known to be in %s", async (language, sentence) => {
  expect(await detectLanguage(sentence)).toBe(language);
});

test.each([
  "",
  "Ja, gern.",
  "Invoice 2026-118",
  "数据库",
  "こんにちは",
  "4711 0815 12.50 99.00 – 17 % ".repeat(50),
  "🙂🙃".repeat(100),
  "XJ-200 M8x20 DIN 912 A2 SKU 4711 REF 99812-AB QTY 40 PCS BOX KG",
  "Lorem ipsum dolor sit amet, consetetur sadipscing elitr, sed diam nonumy eirmod tempor invidunt ut labore et dolore.",
])("no language is guessed of %j", async (text) => {
  expect(await detectLanguage(text)).toBeNull();
});

test("the main language is what most of a text is in, wherever the rest stands", async () => {
  const { de = "", en = "", zh = "", ja = "" } = sentences;
  expect(await detectLanguage(`${en.repeat(5)} ${de.repeat(60)} ${en.repeat(5)}`)).toBe("de");
  expect(await detectLanguage(`${en.repeat(40)} ${de.repeat(60)}`)).toBe("de");
  expect(await detectLanguage(`${zh.repeat(20)} ${en.repeat(3)}`)).toBe("zh");
  expect(await detectLanguage(`${zh.repeat(20)} 東京タワー ${zh.repeat(20)}`)).toBe("zh");
  expect(await detectLanguage(`東京都知事選挙管理委員会規則改正 ${ja.repeat(4)}`)).toBe("ja");
});

test("addresses of the web say nothing about the language", async () => {
  const links = Array.from(
    { length: 30 },
    (_, at) => `参考资料 https://example.com/about/the/documentation/of/page-${at}`,
  );
  expect(await detectLanguage(links.join("\n"))).toBe("zh");
});

test("a hundred million characters cost no more than a page", async () => {
  const text = (sentences.de ?? "").repeat(1_150_000);
  await detectLanguage(text);
  const start = performance.now();
  expect(await detectLanguage(text)).toBe("de");
  expect(performance.now() - start).toBeLessThan(100);
});

test("a parsed file tells its language", async () => {
  expect((await parseFixture("documents/cp866.txt")).language).toBe("ru");
  expect((await parseFixture("documents/japanese.pdf")).language).toBe("ja");
  expect((await parseFixture("samples/skua-3-service-guide.docx")).language).toBe("en");
  expect((await parseBytes("short.txt", "Guten Tag")).language).toBeNull();
});
