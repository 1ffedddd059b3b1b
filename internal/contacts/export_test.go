package contacts

import "time"

// Plan is a query with arguments, for the tests of query plans.
type Plan struct {
	SQL  string
	Args []any
}

// Plans gives every query that lists.
func Plans() map[string]Plan {
	one := token{"name", []byte("12345678")}
	search, args := searchSQL("wsp_1", []token{one, one}, beyond, 25)
	return map[string]Plan{
		"page":        {selectPage, []any{"wsp_1", beyond, 25}},
		"bin":         {selectBin, []any{"wsp_1", beyond, 25}},
		"expired bin": {selectExpiredBin, []any{"wsp_1", time.Now().UnixMicro(), time.Now().UnixMicro(), 25}},
		"external id": {selectByExternalID, []any{"wsp_1", []byte("x")}},
		"search":      {search, args},
	}
}
