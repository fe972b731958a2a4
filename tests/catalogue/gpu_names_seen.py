"""Names of GPUs as drivers, clouds and people write them, by compute capability."""

from __future__ import annotations

NAMES = {
    "2.1": "GeForce 820M",
    "3.0": """
        GRID K520 | GRID K1 | GeForce GTX 870M | GeForce GTX 880M | GeForce GTX 780M |
        GeForce GTX 765M | GeForce GT 750M | GeForce GTX 680 | GeForce GTX 770 | Tesla K10
    """,
    "3.5": """
        Tesla K40m | Tesla K40c | Tesla K20m | Tesla K20Xm | Tesla K20c | GeForce GT 710 |
        GeForce GT 635 | GeForce 920M | GeForce GTX 780 Ti | GeForce GTX TITAN Black
    """,
    "3.7": "Tesla K80",
    "5.0": """
        Tesla M10 | GRID M10-8B | GeForce MX130 | GeForce MX110 | GeForce 940MX | GeForce 930MX |
        GeForce 920MX | GeForce 930M | GeForce 840M | GeForce 830M | GeForce GTX 745 |
        GeForce GTX 750 Ti | GeForce GTX 850M | GeForce GTX 860M | GeForce GTX 960M | Quadro K620 |
        Quadro M1200 | Quadro M2000M
    """,
    "5.2": """
        Tesla M6 | Tesla M4 | Tesla M40 24GB | Tesla M60 | GRID M60-8Q | GRID M6-8Q |
        GeForce GTX 970M | GeForce GTX 980 Ti | GeForce GTX 960 | GeForce GTX TITAN X |
        Quadro M6000 24GB | NVIDIA Quadro M4000
    """,
    "5.3": "Tegra X1 | Jetson Nano",
    "6.0": """
        Tesla P100-PCIE-16GB | Tesla P100-SXM2-16GB | Tesla P100-PCIE-12GB | Quadro GP100 |
        GRID P100-16Q | GRID P100X-16Q | GRID P100C-12Q
    """,
    "6.1": """
        Tesla P40 | Tesla P4 | Tesla P6 | GRID P40-24Q | GRID P4-8Q | GRID P6-16Q | P106-100 |
        P106-090 | P104-100 | P102-100 | NVIDIA P106-100 | NVIDIA GeForce GTX 1080 Ti |
        GeForce GTX 1060 3GB | GeForce GTX 1060 6GB | GeForce GTX 1050 Ti |
        GeForce GTX 1070 with Max-Q Design | GeForce GT 1030 | GeForce GT 1010 | GeForce MX150 |
        GeForce MX330 | GeForce MX230 | GeForce MX250 | Quadro P2200 | Quadro P620 |
        TITAN X (Pascal) | NVIDIA TITAN Xp | TITAN Xp COLLECTORS EDITION
    """,
    "6.2": "Jetson TX2",
    "7.0": """
        Tesla V100-SXM2-16GB | Tesla V100-SXM2-32GB | Tesla V100-SXM3-32GB | Tesla V100-PCIE-16GB |
        Tesla V100-PCIE-32GB | Tesla V100-DGXS-32GB | Tesla V100-SXM2-32GB-LS |
        Tesla V100-SXM3-32GB-H | Tesla V100S | Tesla V100S-PCIE-32GB | Tesla V100-FHHL |
        Tesla V100-FHHL-16GB | PG503-216 | Quadro GV100 | NVIDIA TITAN V | TITAN V CEO Edition |
        GRID V100-16Q | GRID V100D-32Q | GRID V100L-16Q | GRID V100X-16Q | GRID V100DX-32Q |
        GRID V100S-32Q | v100s
    """,
    "7.2": "Xavier | Jetson AGX Xavier | Jetson Xavier NX",
    "7.5": """
        Tesla T4 | NVIDIA T4 | T4G | NVIDIA T4G | T40 | T10 | GRID T4-16Q | GRID T4-1B4 |
        GRID RTX6000-24Q | GRID RTX8000-48Q | GRID RTX6000P-24Q | Quadro RTX 6000 |
        Quadro RTX 5000 with Max-Q Design | NVIDIA TITAN RTX | NVIDIA GeForce RTX 2080 Ti |
        GeForce RTX 2080 Super with Max-Q Design | GeForce RTX 2070 SUPER | GeForce RTX 2060 |
        NVIDIA GeForce GTX 1650 | NVIDIA GeForce GTX 1650 SUPER |
        GeForce GTX 1660 Ti with Max-Q Design | GeForce GTX 1630 | GeForce MX450 |
        NVIDIA T400 4GB | NVIDIA T550 Laptop GPU | NVIDIA T600 Laptop GPU | NVIDIA T1000 8GB |
        NVIDIA T1200 Laptop GPU | CMP 50HX | CMP 40HX | NVIDIA CMP 40HX | DGX Display |
        Quadro T2000 with Max-Q Design
    """,
    "8.0": """
        NVIDIA A100-SXM4-40GB | NVIDIA A100-SXM4-80GB | NVIDIA A100-PCIE-40GB |
        NVIDIA A100 80GB PCIe | NVIDIA A100-SXM-64GB | NVIDIA A100-SXM4-40GB MIG 1g.5gb |
        NVIDIA A100X | NVIDIA A30 | NVIDIA A30X | NVIDIA A800-SXM4-80GB | NVIDIA A800 80GB PCIe |
        NVIDIA A800 40GB Active | CMP 170HX | PG506-230 | DRIVE-PG199-PROD | GRID A100-20C |
        GRID A100D-80C | GRID A100DX-4C | GRID A100X-4C | NVIDIA A100-1-5CME | NVIDIA A100D-7-80C |
        GRID A30-24C | GRID A30-4-24C
    """,
    "8.6": """
        NVIDIA A10 | NVIDIA A10G | A10M | NVIDIA A16 | NVIDIA A2 | NVIDIA A40 | A40-48Q |
        NVIDIA A40-48Q | NVIDIA A16-4Q | NVIDIA A10-24Q | NVIDIA A2-16Q | NVIDIA RTX A6000 |
        NVIDIA RTXA6000-48Q | NVIDIA RTXA5000-24Q | NVIDIA RTX A5500 | NVIDIA RTX A4500 | a4500 |
        NVIDIA RTX A4500 Embedded GPU | NVIDIA RTX A2000 12GB | NVIDIA RTX A1000 | NVIDIA RTX A500 |
        NVIDIA RTX A400 | NVIDIA RTX A3000 Laptop GPU | NVIDIA GeForce RTX 3090 |
        NVIDIA GeForce RTX 3080 Ti Laptop GPU | GeForce RTX 3070 Laptop GPU |
        NVIDIA GeForce RTX 3060 Ti | NVIDIA GeForce RTX 3050 6GB Laptop GPU |
        NVIDIA GeForce RTX 2050 | GeForce MX570 | CMP 90HX
    """,
    "8.7": """
        Orin | Orin (nvgpu) | NVIDIA Jetson AGX Orin | NVIDIA Jetson Orin Nano | Jetson Orin NX
    """,
    "8.9": """
        NVIDIA L4 | NVIDIA L2 | NVIDIA L20 | NVIDIA L40 | NVIDIA L40S | NVIDIA L40G | L4-24Q |
        L40S-48Q | NVIDIA L40-48Q | NVIDIA RTX6000-Ada-48Q | NVIDIA RTX5880-Ada-48Q |
        NVIDIA RTX 6000 Ada Generation | NVIDIA RTX 5880 Ada Generation |
        NVIDIA RTX 5000 Ada Generation | NVIDIA RTX 5000 Ada Generation Embedded GPU |
        NVIDIA RTX 4500 Ada Generation | NVIDIA RTX 4000 SFF Ada Generation |
        NVIDIA RTX 3500 Ada Generation Laptop GPU | NVIDIA RTX 3000 Ada Generation Laptop GPU |
        NVIDIA RTX 2000 Ada Generation | NVIDIA RTX 2000E Ada Generation |
        NVIDIA RTX 1000 Ada Generation Laptop GPU | NVIDIA RTX 500 Ada Generation Laptop GPU |
        NVIDIA GeForce RTX 4090 | NVIDIA GeForce RTX 4090 D | RTX 4090 D | RTX 4090D | 4090D |
        NVIDIA GeForce RTX 4090 Laptop GPU | NVIDIA GeForce RTX 4070 Ti SUPER |
        NVIDIA GeForce RTX 4060 Ti | GeForce RTX 3050 A Laptop
    """,
    "9.0": """
        NVIDIA H100 80GB HBM3 | NVIDIA H100 PCIe | NVIDIA H100 NVL | NVIDIA H100 80GB HBM2e |
        NVIDIA H100 80GB HBM3 MIG 1g.10gb | NVIDIA H200 | NVIDIA H200 NVL | NVIDIA H800 |
        NVIDIA H20 | NVIDIA H20-3e | h20 | NVIDIA GH200 480GB | NVIDIA GH200-96C |
        NVIDIA H100-80C | NVIDIA H100XM-80C
    """,
    "10.0": "NVIDIA B200 | NVIDIA GB200",
    "10.3": "NVIDIA B300 SXM6 AC | NVIDIA GB300",
    "11.0": "NVIDIA Thor | Jetson AGX Thor | Jetson T5000",
    "12.0": """
        NVIDIA GeForce RTX 5090 | NVIDIA GeForce RTX 5090 D | NVIDIA GeForce RTX 5090 D v2 |
        RTX 5090D v2 | NVIDIA GeForce RTX 5070 Ti Laptop GPU | NVIDIA GeForce RTX 5060 |
        NVIDIA RTX PRO 6000 Blackwell Workstation Edition | PRO 6000 |
        NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition |
        NVIDIA RTX PRO 6000 Blackwell Server Edition | NVIDIA RTX PRO 4500 Blackwell |
        NVIDIA RTX PRO 3000 Blackwell Generation Laptop GPU |
        NVIDIA RTX PRO 2000 Blackwell Generation Laptop GPU | RTX PRO 1000 Blackwell |
        RTX PRO 500 Blackwell | NVIDIA RTX 6000D
    """,
    "12.1": "NVIDIA GB10 | GB10 | DGX Spark",
}

SEEN = [
    (" ".join(name.split()), capability)
    for capability, names in NAMES.items()
    for name in names.split("|")
]
