"""Facts about AWS that two or more rules, or a rule and a construct, need."""
