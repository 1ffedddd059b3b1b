package contacts

import "slices"

// joinAddresses gives a person who is two contacts the addresses of both. The primary
// one is the survivor's, or the other's where that was chosen or the survivor has
// none. What the other merely claimed comes along only as the primary one: beside a
// fact it would open a door to whoever claimed it.
func (ch channel) joinAddresses(out *Profile, mine, theirs []Address, choice string) {
	takesTheirs := len(theirs) > 0 && (choice == ofOther || len(mine) == 0 && choice != ofSurvivor)
	list := slices.Clone(mine)
	for _, a := range theirs {
		i := ch.find(list, a.Address)
		switch {
		case i >= 0:
			list[i].Verified = list[i].Verified || a.Verified
		case a.Verified || a.Primary && takesTheirs || !slices.ContainsFunc(mine, func(m Address) bool { return m.Verified }):
			a.Primary = false
			list = append(list, a)
		}
	}
	if takesTheirs {
		ch.makePrimary(list, theirs[0].Address)
	}
	ch.put(out, list)
}

// partAddresses takes out of a person's addresses those that a merge brought, and
// makes the one primary that was before if nobody chose another since.
func (ch channel) partAddresses(out *Profile, now, before, after []Address) {
	list := slices.DeleteFunc(slices.Clone(now), func(a Address) bool {
		return ch.find(after, a.Address) >= 0 && ch.find(before, a.Address) < 0
	})
	for i, a := range list {
		if was := ch.find(before, a.Address); was >= 0 && a.Verified == after[ch.find(after, a.Address)].Verified {
			list[i].Verified = before[was].Verified
		}
	}
	if isAsMerged := len(now) > 0 && len(after) > 0 && now[0].Address == after[0].Address; isAsMerged && len(before) > 0 {
		ch.makePrimary(list, before[0].Address)
	}
	ch.put(out, list)
}

func (ch channel) find(list []Address, address string) int {
	return slices.IndexFunc(list, func(a Address) bool { return ch.fold(a.Address) == ch.fold(address) })
}

func (ch channel) makePrimary(list []Address, address string) {
	if at := ch.find(list, address); at >= 0 {
		for i := range list {
			list[i].Primary = i == at
		}
	}
}

// put makes a list a profile's addresses, the primary one first.
func (ch channel) put(out *Profile, list []Address) {
	slices.SortStableFunc(list, func(a, b Address) int { return flag(b.Primary) - flag(a.Primary) })
	*ch.all(out), *ch.one(out) = nil, ""
	delete(out.Provenance, ch.name)
	if len(list) == 0 {
		return
	}
	list[0].Primary = true
	*ch.all(out), *ch.one(out) = list, list[0].Address
	from := Provenance{Source: list[0].Source}
	if list[0].At != nil {
		from.At = *list[0].At
	}
	out.Provenance[ch.name] = from
}

// isAddressField tells whether a field holds addresses, which are joined by a rule of
// their own.
func isAddressField(name string) bool {
	return slices.ContainsFunc(channels(), func(ch channel) bool { return name == ch.name || name == ch.list })
}
