package inbox

import "github.com/botimum/botimum/internal/privacy"

import "time"

// Plan is a query with arguments, for the tests of query plans.
type Plan struct {
	SQL  string
	Args []any
}

// Plans gives every query that lists.
func Plans() map[string]Plan {
	plans := map[string]Plan{
		"thread":       {selectThread, []any{"wsp_1", "cnv_1", "msg_~", 25}},
		"their thread": {selectThreadForContact, []any{"wsp_1", "cnv_1", "msg_~", 25}},
		"client id":    {selectByClientID, []any{"wsp_1", "con_1", "contact", "con_1", "x"}},
		"count":        {countState, []any{"wsp_1", StateOpen, CountLimit}},
		"count open":   {countOpen, []any{"opr_1", "wsp_1", CountLimit}},
		"due":          {selectDue, []any{time.Now().UnixMicro(), 25}},
		"of a contact": {exportedConversations, []any{"wsp_1", "con_1"}},
		"all messages": {exportedMessages, []any{"wsp_1", "con_1"}},
		"of a company": {selectOfCompany, []any{"wsp_1", "cmp_1", top.Activity, top.ID, 25}},
		"one":          {selectConversation, []any{"wsp_1", "cnv_1"}},
	}
	for name, f := range map[string]Filter{
		"list": {}, "list of a state": {State: StateOpen}, "list of an operator": {AssigneeID: "opr_1"}, "list of a contact": {ContactID: "con_1"},
		"list of a tag": {Tag: "x", State: StateOpen}, "list of nobody's": {AssigneeID: "none", State: StateOpen},
	} {
		text, args := listSQL("wsp_1", f, top, 25)
		plans[name] = Plan{text, args}
	}
	return plans
}

// RetentionSQL gives the texts that look for what is old, with one rule.
func RetentionSQL(r privacy.Rule) (conversations, readTimes string) {
	return oldConversationsSQL(r), oldReadTimes(r)
}
