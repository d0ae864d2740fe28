"""`TtsAsgService`: an auto-scaling group behind a load balancer, and its parts."""
