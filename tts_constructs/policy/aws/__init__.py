"""Facts about AWS that several rules, or a rule and a construct, need."""
