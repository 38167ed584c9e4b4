package ci

// UUIDTexts are the UUIDs that issuers write, as a regular expression.
const UUIDTexts = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`

// UUID is one of them alone.
var UUID = NewExpression(`^` + UUIDTexts + `$`)

// UUIDKind is a kind of id that is a UUID in lower case. rule says where it stands, with an example.
func UUIDKind(system, noun, rule string, not ...Mistake) NameKind {
	capitals := Mistake{uuidInCapitals,
		"has capital letters; write it in lower case, as " + system + " does: AWS compares letter by letter"}
	return NameKind{noun, UUID, rule, append([]Mistake{capitals}, not...)}
}

var uuidInCapitals = NewExpression(`^\{?[0-9a-f-]*[A-F][0-9A-Fa-f-]*\}?$`)
