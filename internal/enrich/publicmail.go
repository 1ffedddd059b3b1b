package enrich

import "strings"

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
rediffmail.com uol.com.br bol.com.br terra.com.br ig.com.br telia.com online.no sapo.pt otenet.gr walla.co.il mailinator.com guerrillamail.com duck.com`

// IsPublicMail tells whether everybody may have an address under a domain. Those of
// the large providers in each country go by their first word.
func IsPublicMail(domain string) bool {
	domain = strings.ToLower(domain)
	first, _, _ := strings.Cut(domain, ".")
	switch first {
	case "yahoo", "hotmail", "outlook", "live", "gmx":
		return true
	}
	for _, d := range strings.Fields(publicDomains) {
		if d == domain {
			return true
		}
	}
	return false
}
