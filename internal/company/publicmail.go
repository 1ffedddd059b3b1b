package company

import (
	"strings"
	"sync"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// publicDomains are domains under which everybody may have an address: what stands on
// their websites says nothing of a person.
const publicDomains = `gmail.com googlemail.com outlook.com hotmail.com live.com msn.com passport.com yahoo.com ymail.com rocketmail.com aol.com aim.com
icloud.com me.com mac.com proton.me protonmail.com pm.me tutanota.com tutanota.de tuta.com tuta.io fastmail.com fastmail.fm hey.com zoho.com mail.com email.com
gmx.com gmx.net gmx.de gmx.at gmx.ch web.de t-online.de freenet.de arcor.de posteo.de mailbox.org 1und1.de online.de bluewin.ch hispeed.ch
orange.fr wanadoo.fr free.fr sfr.fr laposte.net neuf.fr libero.it virgilio.it tiscali.it alice.it tin.it wp.pl o2.pl onet.pl interia.pl poczta.onet.pl
seznam.cz centrum.cz email.cz azet.sk freemail.hu citromail.hu abv.bg mail.bg yandex.com yandex.ru mail.ru bk.ru inbox.ru list.ru rambler.ru ukr.net i.ua
telenet.be skynet.be ziggo.nl kpnmail.nl xs4all.nl planet.nl hetnet.nl btinternet.com sky.com virginmedia.com ntlworld.com blueyonder.co.uk talktalk.net
comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net shaw.ca rogers.com bigpond.com optusnet.com.au
qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com 139.com aliyun.com naver.com daum.net hanmail.net docomo.ne.jp ezweb.ne.jp softbank.ne.jp
rediffmail.com uol.com.br bol.com.br terra.com.br ig.com.br telia.com online.no sapo.pt otenet.gr walla.co.il mailinator.com guerrillamail.com duck.com
mail.de email.de gmx.eu gmx.us gmx.co.uk vodafone.de vodafonemail.de kabelmail.de unitybox.de netcologne.de ewetel.net ok.de
chello.at aon.at a1.net sunrise.ch bluemail.ch swissonline.ch yahoo.co.jp cegetel.net club-internet.fr numericable.fr bbox.fr aliceadsl.fr voila.fr
fastwebnet.it inwind.it iol.it vodafone.it teletu.it gazeta.pl op.pl vp.pl poczta.fm tlen.pl post.cz volny.cz atlas.cz quick.cz zoznam.sk centrum.sk
upcmail.hu indamail.hu mail.com.tr mynet.com superonline.com mail.ee hot.ee inbox.lv inbox.lt delfi.lt internet.ru ya.ru yandex.ua yandex.kz meta.ua bigmir.net
scarlet.be proximus.be home.nl casema.nl quicknet.nl upcmail.nl tele2.nl solcon.nl kpnplanet.nl chello.nl
bt.com tiscali.co.uk orange.net o2.co.uk virgin.net plusnet.com eircom.net telefonica.net movistar.es ono.com telepac.pt clix.pt netcabo.pt
frontier.com windstream.net optonline.net juno.com netzero.net roadrunner.com centurylink.net embarqmail.com suddenlink.net
sympatico.ca telus.net videotron.ca bell.net iinet.net.au tpg.com.au xtra.co.nz vip.163.com vip.qq.com tom.com 21.cn 189.cn hinet.net pchome.com.tw
nate.com kakao.com au.com i.softbank.jp nifty.com biglobe.ne.jp globo.com r7.com oi.com.br hotmail.com.br telmex.com prodigy.net.mx
in.com indiatimes.com sify.com bsnl.net telia.no telenor.dk mail.dk jubii.dk tele2.se bredband.net spray.se comhem.se kolumbus.fi elisanet.fi luukku.com
mailbox.com runbox.com disroot.org riseup.net startmail.com mailfence.com hushmail.com lavabit.com simplelogin.com anonaddy.com relay.firefox.com privaterelay.appleid.com
yopmail.com 10minutemail.com temp-mail.org trashmail.com sharklasers.com почта.рф`

// publicMail are the public domains in their ASCII form.
var publicMail = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for _, d := range strings.Fields(publicDomains) {
		if ascii, err := idna.Lookup.ToASCII(d); err == nil {
			out[ascii] = true
		}
	}
	return out
})

// IsPublicMail tells whether everybody may have an address under a domain or one that
// it is under. Those of the large providers in each country go by their first word.
func IsPublicMail(domain string) bool {
	ascii, err := idna.Lookup.ToASCII(strings.TrimSuffix(domain, "."))
	if err != nil {
		ascii = strings.ToLower(domain)
	}
	for {
		if publicMail()[ascii] {
			return true
		}
		first, rest, under := strings.Cut(ascii, ".")
		if suffix, _ := publicsuffix.PublicSuffix(ascii); suffix == rest {
			switch first {
			case "yahoo", "hotmail", "outlook", "live", "gmx", "gmail", "googlemail", "yandex":
				return true
			}
		}
		if !under {
			return false
		}
		ascii = rest
	}
}
