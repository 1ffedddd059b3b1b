package boardsite

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/botimum/botimum/internal/boards"
)

// themeOf gives the colours of a board and of its statuses, for light and dark. What
// was chosen is made darker or lighter until text in it, and on it, reaches a contrast
// of 4.5:1 (WCAG 2.2, 1.4.3).
func themeOf(b *boards.Board) string {
	var out strings.Builder
	c := parseColor(b.Color)
	light, dark := accentOn(c, paperLight), accentOn(c, paperDark)
	fmt.Fprintf(&out, `:root{--accent:light-dark(%s,%s);--accent-hover:light-dark(%s,%s);--accent-text:light-dark(%s,%s);--accent-soft:light-dark(%s,%s);`+
		`--accent-line:light-dark(%s,%s);--on-accent:light-dark(%s,%s)}`,
		light.fill, dark.fill, light.hover, dark.hover, light.text, dark.text, light.soft, dark.soft, light.line, dark.line, light.on, dark.on)
	for _, st := range b.Statuses {
		out.WriteString(markOf(".s-"+st.Key, st.Color))
	}
	for _, c := range b.Categories {
		out.WriteString(markOf(".c-"+c.Key, c.Color))
	}
	return out.String()
}

// markOf gives the colours of what is marked with one.
func markOf(selector, color string) string {
	light, dark := accentOn(parseColor(color), paperLight), accentOn(parseColor(color), paperDark)
	return fmt.Sprintf(`%s{--status:light-dark(%s,%s);--status-soft:light-dark(%s,%s);--status-text:light-dark(%s,%s)}`, selector,
		light.fill, dark.fill, light.soft, dark.soft, light.text, dark.text)
}

// rgb is a colour, each part from 0 to 1 as it is written.
type rgb [3]float64

var (
	paperLight, paperDark = rgb{1, 1, 1}, parseColor("#1c1c19")
	white, black          = rgb{1, 1, 1}, rgb{}
)

func parseColor(hex string) (c rgb) {
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil {
		return c
	}
	for i := range c {
		c[i] = float64(n>>(16-8*i)&0xff) / 255
	}
	return c
}

func (c rgb) String() string {
	return fmt.Sprintf("#%02x%02x%02x", int(math.Round(c[0]*255)), int(math.Round(c[1]*255)), int(math.Round(c[2]*255)))
}

// mixed gives a colour with a share of another one in it.
func (c rgb) mixed(other rgb, share float64) (out rgb) {
	for i := range c {
		out[i] = c[i]*(1-share) + other[i]*share
	}
	return out
}

// luminance is the relative luminance of WCAG 2.2.
func (c rgb) luminance() float64 {
	linear := func(v float64) float64 {
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}

// contrast is the contrast ratio of WCAG 2.2, from 1 to 21.
func contrast(a, b rgb) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// readable moves a colour towards another one until it stands out from all grounds.
// A little more than the rule asks for, since what is written is rounded.
func readable(c, towards rgb, ratio float64, grounds ...rgb) rgb {
	for share := 0.0; ; share += 0.02 {
		out, enough := c.mixed(towards, min(share, 1)), true
		for _, ground := range grounds {
			enough = enough && contrast(out, ground) >= ratio+0.05
		}
		if enough || share >= 1 {
			return out
		}
	}
}

// shades are what one colour becomes on a ground.
type shades struct{ fill, hover, text, soft, line, on rgb }

func accentOn(c, ground rgb) shades {
	away := black // from the ground
	if ground.luminance() < 0.5 {
		away = white
	}
	s := shades{soft: ground.mixed(c, 0.12), line: ground.mixed(c, 0.4)}
	s.fill = readable(c, away, 3, ground) // a mark, a border: WCAG 1.4.11
	s.text = readable(c, away, 4.5, ground, s.soft, sunkenOf(ground))
	s.on = white
	if contrast(white, s.fill) < 4.5 {
		if s.on = black; contrast(black, s.fill) < 4.5 {
			s.fill = readable(s.fill, away, 4.5, s.on)
		}
	}
	s.hover = s.fill.mixed(away, 0.14)
	if contrast(s.hover, s.on) < 4.5 {
		s.hover = s.fill
	}
	return s
}

// sunkenOf is the ground of what lies deeper than a card: the page itself.
func sunkenOf(ground rgb) rgb {
	if ground == paperLight {
		return parseColor("#f1efea")
	}
	return parseColor("#0f0e0d")
}
