<?xml version='1.0' encoding='utf-8'?>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
  <context>
    <name>CoastalAlgorithm</name>
    <message>
      <source>Pair soil with sediment-water sites</source>
      <translation>土壤样点与沉积物-水体站位配对</translation>
    </message>
    <message>
      <source>Sampling</source>
      <translation>采样</translation>
    </message>
    <message>
      <source>Soil points</source>
      <translation>土壤样点</translation>
    </message>
    <message>
      <source>Sediment-water sites</source>
      <translation>沉积物-水体站位</translation>
    </message>
    <message>
      <source>Water points, where they are a layer of their own</source>
      <translation>水体样点（水样为单独图层时）</translation>
    </message>
    <message>
      <source>Pairing radius (m)</source>
      <translation>配对半径 (m)</translation>
    </message>
    <message>
      <source>A point in reach of several sites belongs to</source>
      <translation>处于多个站位范围内的样点归属于</translation>
    </message>
    <message>
      <source>The nearest site</source>
      <translation>最近的站位</translation>
    </message>
    <message>
      <source>Every site in reach</source>
      <translation>范围内的每个站位</translation>
    </message>
    <message>
      <source>Composite of the points of a site</source>
      <translation>站位内各样点的合并方式</translation>
    </message>
    <message>
      <source>Mean</source>
      <translation>平均值</translation>
    </message>
    <message>
      <source>Median</source>
      <translation>中位数</translation>
    </message>
    <message>
      <source>Nearest point as it is</source>
      <translation>直接取最近样点</translation>
    </message>
    <message>
      <source>Values below the detection limit become</source>
      <translation>低于检出限的值替换为</translation>
    </message>
    <message>
      <source>Half the detection limit</source>
      <translation>检出限的一半</translation>
    </message>
    <message>
      <source>Detection limit / square root of 2</source>
      <translation>检出限 / 2 的平方根</translation>
    </message>
    <message>
      <source>Zero</source>
      <translation>零</translation>
    </message>
    <message>
      <source>Leave the value out</source>
      <translation>不使用该值</translation>
    </message>
    <message>
      <source>Paired sites</source>
      <translation>已配对站位</translation>
    </message>
    <message>
      <source>Links</source>
      <translation>配对连线</translation>
    </message>
    <message>
      <source>Unpaired soil points</source>
      <translation>未配对的土壤样点</translation>
    </message>
    <message>
      <source>Unpaired sites</source>
      <translation>未配对的站位</translation>
    </message>
    <message>
      <source>Unpaired water points</source>
      <translation>未配对的水体样点</translation>
    </message>
    <message>
      <source>Sample covariate rasters at points</source>
      <translation>在点上提取协变量栅格值</translation>
    </message>
    <message>
      <source>Points</source>
      <translation>点</translation>
    </message>
    <message>
      <source>Covariate rasters</source>
      <translation>协变量栅格</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>方法</translation>
    </message>
    <message>
      <source>Nearest cell</source>
      <translation>最近像元</translation>
    </message>
    <message>
      <source>Bilinear</source>
      <translation>双线性</translation>
    </message>
    <message>
      <source>Mean within the radius</source>
      <translation>半径内平均值</translation>
    </message>
    <message>
      <source>Majority within the radius</source>
      <translation>半径内众数</translation>
    </message>
    <message>
      <source>As suits each: classes nearest, numbers bilinear</source>
      <translation>按类型自动：类别用最近像元，数值用双线性</translation>
    </message>
    <message>
      <source>Radius (m)</source>
      <translation>半径 (m)</translation>
    </message>
    <message>
      <source>Class files, as 'landcover=classes.tsv; rock=rocks.csv'</source>
      <translation>类别文件，如 'landcover=classes.tsv; rock=rocks.csv'</translation>
    </message>
    <message>
      <source>Trained model whose covariates to join</source>
      <translation>要连接其协变量的已训练模型</translation>
    </message>
    <message>
      <source>Name recognised covariates as in Wu et al. 2025 (DEM, NDVI, POP ...)</source>
      <translation>按 Wu 等 (2025) 命名已识别的协变量 (DEM, NDVI, POP ...)</translation>
    </message>
    <message>
      <source>Points with covariates</source>
      <translation>带协变量的点</translation>
    </message>
    <message>
      <source>Covariate manifest</source>
      <translation>协变量清单</translation>
    </message>
    <message>
      <source>Covariates of Wu et al. 2025, given or not</source>
      <translation>Wu 等 (2025) 的协变量及其是否提供</translation>
    </message>
    <message>
      <source>Density of enterprises or other points</source>
      <translation>企业或其他点的密度</translation>
    </message>
    <message>
      <source>Bandwidth (m)</source>
      <translation>带宽 (m)</translation>
    </message>
    <message>
      <source>Kernel</source>
      <translation>核函数</translation>
    </message>
    <message>
      <source>Quartic</source>
      <translation>四次核</translation>
    </message>
    <message>
      <source>Gaussian</source>
      <translation>高斯核</translation>
    </message>
    <message>
      <source>Epanechnikov</source>
      <translation>Epanechnikov 核</translation>
    </message>
    <message>
      <source>Uniform</source>
      <translation>均匀核</translation>
    </message>
    <message>
      <source>Weight</source>
      <translation>权重</translation>
    </message>
    <message>
      <source>Template raster</source>
      <translation>模板栅格</translation>
    </message>
    <message>
      <source>Extent</source>
      <translation>范围</translation>
    </message>
    <message>
      <source>Cell size without a template (units of the points' CRS; 0: 250 cells along)</source>
      <translation>无模板时的像元大小（点的坐标系单位；0：长边 250 个像元）</translation>
    </message>
    <message>
      <source>Density (per km²)</source>
      <translation>密度（每 km²）</translation>
    </message>
    <message>
      <source>Distance to coast, rivers or other features</source>
      <translation>到海岸、河流或其他要素的距离</translation>
    </message>
    <message>
      <source>Features (empty: the coast of QGIS's world map)</source>
      <translation>要素（留空：QGIS 世界地图的海岸线）</translation>
    </message>
    <message>
      <source>Inside polygons</source>
      <translation>多边形内部</translation>
    </message>
    <message>
      <source>The distance to their edge</source>
      <translation>到其边界的距离</translation>
    </message>
    <message>
      <source>The distance to their edge as a negative number</source>
      <translation>到其边界的距离，取负值</translation>
    </message>
    <message>
      <source>Largest distance (m; 0: no limit)</source>
      <translation>最大距离 (m；0：不限)</translation>
    </message>
    <message>
      <source>Cell size without a template (units of the features' CRS; 0: 250 cells along)</source>
      <translation>无模板时的像元大小（要素的坐标系单位；0：长边 250 个像元）</translation>
    </message>
    <message>
      <source>Distance (m)</source>
      <translation>距离 (m)</translation>
    </message>
    <message>
      <source>Geochemical baselines</source>
      <translation>地球化学基线</translation>
    </message>
    <message>
      <source>Baselines</source>
      <translation>基线</translation>
    </message>
    <message>
      <source>Samples</source>
      <translation>样品</translation>
    </message>
    <message>
      <source>Medium</source>
      <translation>介质</translation>
    </message>
    <message>
      <source>soil</source>
      <translation>土壤</translation>
    </message>
    <message>
      <source>sediment</source>
      <translation>沉积物</translation>
    </message>
    <message>
      <source>Methods</source>
      <translation>方法（可多选）</translation>
    </message>
    <message>
      <source>Iterative mean (IMEA)</source>
      <translation>迭代均值法 (IMEA)</translation>
    </message>
    <message>
      <source>Iterative median (IMED)</source>
      <translation>迭代中位数法 (IMED)</translation>
    </message>
    <message>
      <source>Box plot</source>
      <translation>箱线图法</translation>
    </message>
    <message>
      <source>Relative cumulative frequency (RCF)</source>
      <translation>相对累积频率法 (RCF)</translation>
    </message>
    <message>
      <source>Background to compare with</source>
      <translation>用于比较的背景值</translation>
    </message>
    <message>
      <source>None</source>
      <translation>无</translation>
    </message>
    <message>
      <source>Soils of the northern and eastern coast of China: mean</source>
      <translation>中国北部和东部沿海土壤：平均值</translation>
    </message>
    <message>
      <source>Sediments of the Bohai and Yellow Seas: mean</source>
      <translation>渤海和黄海沉积物：平均值</translation>
    </message>
    <message>
      <source>Soils of Liaoning</source>
      <translation>辽宁土壤</translation>
    </message>
    <message>
      <source>Soils of Hebei</source>
      <translation>河北土壤</translation>
    </message>
    <message>
      <source>Soils of Tianjin</source>
      <translation>天津土壤</translation>
    </message>
    <message>
      <source>Soils of Shandong</source>
      <translation>山东土壤</translation>
    </message>
    <message>
      <source>Soils of Jiangsu</source>
      <translation>江苏土壤</translation>
    </message>
    <message>
      <source>Sediments of the Bohai Sea</source>
      <translation>渤海沉积物</translation>
    </message>
    <message>
      <source>Sediments of the Yellow Sea</source>
      <translation>黄海沉积物</translation>
    </message>
    <message>
      <source>Upper continental crust</source>
      <translation>上地壳</translation>
    </message>
    <message>
      <source>Preindustrial lake sediments (Hakanson 1980)</source>
      <translation>工业化前湖泊沉积物 (Hakanson 1980)</translation>
    </message>
    <message>
      <source>Own background values (mg/kg), as 'Cd=0.1; Pb=23'</source>
      <translation>自定义背景值 (mg/kg)，如 'Cd=0.1; Pb=23'</translation>
    </message>
    <message>
      <source>Elements and their fields, as 'Cd=field; Pb=field' (empty: recognised from the field names)</source>
      <translation>元素及其字段，如 'Cd=field; Pb=field'（留空：由字段名识别）</translation>
    </message>
    <message>
      <source>Fields such as Cd, cd_mgkg, CD_s, 'Cd (mg/kg)' or top5_cd are recognised by themselves.</source>
      <translation>Cd、cd_mgkg、CD_s、'Cd (mg/kg)' 或 top5_cd 等字段可自动识别。</translation>
    </message>
    <message>
      <source>Units, one for all or as 'Al=%; Hg=ug/kg' (empty: from the names, else mg/kg or ug/L)</source>
      <translation>单位，统一填写或如 'Al=%; Hg=ug/kg'（留空：由字段名判断，否则为 mg/kg 或 ug/L）</translation>
    </message>
    <message>
      <source>Detection limits, as 'Cd=0.1; Hg=hg_limit', a number or a field (empty: from '&lt;0.1' in the data)</source>
      <translation>检出限，如 'Cd=0.1; Hg=hg_limit'，可为数值或字段（留空：由数据中的 '&lt;0.1' 读取）</translation>
    </message>
    <message>
      <source>Trim logarithms instead of concentrations</source>
      <translation>对浓度取对数后剔除异常值</translation>
    </message>
    <message>
      <source>Kept range in spreads (IMEA, IMED)</source>
      <translation>保留范围为离散度的倍数 (IMEA, IMED)</translation>
    </message>
    <message>
      <source>Drop high values only</source>
      <translation>只剔除高值</translation>
    </message>
    <message>
      <source>Spread around the iterative median</source>
      <translation>迭代中位数法的离散度</translation>
    </message>
    <message>
      <source>Standard deviation</source>
      <translation>标准差</translation>
    </message>
    <message>
      <source>1.4826 x median absolute deviation</source>
      <translation>1.4826 × 中位数绝对偏差</translation>
    </message>
    <message>
      <source>Central value of what is kept</source>
      <translation>保留数据的中心值</translation>
    </message>
    <message>
      <source>Each method's own</source>
      <translation>各方法自身的中心值</translation>
    </message>
    <message>
      <source>Axes of the cumulative curve (RCF)</source>
      <translation>累积曲线的坐标轴 (RCF)</translation>
    </message>
    <message>
      <source>Log-probability, bend tested</source>
      <translation>对数-概率坐标，检验拐点</translation>
    </message>
    <message>
      <source>Decimal, not tested, as in Wu et al. 2025</source>
      <translation>十进制坐标，不检验，同 Wu 等 (2025)</translation>
    </message>
    <message>
      <source>Bootstrap resamples</source>
      <translation>自助法重抽样次数</translation>
    </message>
    <message>
      <source>Non-detects in the summary statistics by</source>
      <translation>描述统计中未检出值的处理</translation>
    </message>
    <message>
      <source>Regression on order statistics (ROS)</source>
      <translation>次序统计量回归 (ROS)</translation>
    </message>
    <message>
      <source>Kaplan-Meier</source>
      <translation>Kaplan-Meier 法</translation>
    </message>
    <message>
      <source>Their substitutes</source>
      <translation>使用替代值</translation>
    </message>
    <message>
      <source>Seed (same seed, same numbers)</source>
      <translation>随机种子（种子相同，结果相同）</translation>
    </message>
    <message>
      <source>Recommended methods</source>
      <translation>推荐方法</translation>
    </message>
    <message>
      <source>Log of the iterations</source>
      <translation>迭代日志</translation>
    </message>
    <message>
      <source>Summary statistics</source>
      <translation>描述统计</translation>
    </message>
    <message>
      <source>Folder for publication tables, as CSV, .xlsx and LaTeX</source>
      <translation>发表用表格的文件夹（CSV、.xlsx 和 LaTeX）</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>报告</translation>
    </message>
    <message>
      <source>Soil-sediment contamination zones</source>
      <translation>土壤-沉积物污染分区</translation>
    </message>
    <message>
      <source>Sediment sites, or sites with the fields of both media</source>
      <translation>沉积物站位，或同时含两种介质字段的站位</translation>
    </message>
    <message>
      <source>Soil points (empty: in the same layer)</source>
      <translation>土壤样点（留空：在同一图层中）</translation>
    </message>
    <message>
      <source>Composite of the soils of a site</source>
      <translation>站位内土壤样点的合并方式</translation>
    </message>
    <message>
      <source>Baseline methods that bound the zones</source>
      <translation>界定分区的基线方法</translation>
    </message>
    <message>
      <source>Soil baselines (empty: from the soils given)</source>
      <translation>土壤基线（留空：由所给土壤样品计算）</translation>
    </message>
    <message>
      <source>Sediment baselines (empty: from the sites given)</source>
      <translation>沉积物基线（留空：由所给站位计算）</translation>
    </message>
    <message>
      <source>Elements and their fields of the soil, as 'Cd=field; Pb=field' (empty: recognised from the field names)</source>
      <translation>土壤的元素及其字段，如 'Cd=field; Pb=field'（留空：由字段名识别）</translation>
    </message>
    <message>
      <source>Units of the soil, one for all or as 'Al=%; Hg=ug/kg' (empty: from the names, else mg/kg or ug/L)</source>
      <translation>土壤的单位，统一填写或如 'Al=%; Hg=ug/kg'（留空：由字段名判断，否则为 mg/kg 或 ug/L）</translation>
    </message>
    <message>
      <source>Detection limits of the soil, as 'Cd=0.1; Hg=hg_limit', a number or a field (empty: from '&lt;0.1' in the data)</source>
      <translation>土壤的检出限，如 'Cd=0.1; Hg=hg_limit'，可为数值或字段（留空：由数据中的 '&lt;0.1' 读取）</translation>
    </message>
    <message>
      <source>Elements and their fields of the sediment, as 'Cd=field; Pb=field' (empty: recognised from the field names)</source>
      <translation>沉积物的元素及其字段，如 'Cd=field; Pb=field'（留空：由字段名识别）</translation>
    </message>
    <message>
      <source>Units of the sediment, one for all or as 'Al=%; Hg=ug/kg' (empty: from the names, else mg/kg or ug/L)</source>
      <translation>沉积物的单位，统一填写或如 'Al=%; Hg=ug/kg'（留空：由字段名判断，否则为 mg/kg 或 ug/L）</translation>
    </message>
    <message>
      <source>Detection limits of the sediment, as 'Cd=0.1; Hg=hg_limit', a number or a field (empty: from '&lt;0.1' in the data)</source>
      <translation>沉积物的检出限，如 'Cd=0.1; Hg=hg_limit'，可为数值或字段（留空：由数据中的 '&lt;0.1' 读取）</translation>
    </message>
    <message>
      <source>Contamination zones</source>
      <translation>污染分区</translation>
    </message>
    <message>
      <source>Shares of the zones</source>
      <translation>各分区所占比例</translation>
    </message>
    <message>
      <source>Zones by method</source>
      <translation>各方法的分区结果</translation>
    </message>
    <message>
      <source>Sediment-water partition coefficients (Kd)</source>
      <translation>沉积物-水分配系数 (Kd)</translation>
    </message>
    <message>
      <source>Partitioning</source>
      <translation>分配</translation>
    </message>
    <message>
      <source>Water sites (empty: in the same layer)</source>
      <translation>水体站位（留空：在同一图层中）</translation>
    </message>
    <message>
      <source>Water samples are</source>
      <translation>水样为</translation>
    </message>
    <message>
      <source>Filtered (dissolved)</source>
      <translation>过滤（溶解态）</translation>
    </message>
    <message>
      <source>Total (unfiltered)</source>
      <translation>总量（未过滤）</translation>
    </message>
    <message>
      <source>Not known</source>
      <translation>未知</translation>
    </message>
    <message>
      <source>Factor of Kd</source>
      <translation>Kd 的换算系数</translation>
    </message>
    <message>
      <source>1000: L/kg</source>
      <translation>1000：L/kg</translation>
    </message>
    <message>
      <source>100: as in Wu et al. 2025, a tenth of L/kg</source>
      <translation>100：同 Wu 等 (2025)，为 L/kg 的十分之一</translation>
    </message>
    <message>
      <source>Elements and their fields of the water, as 'Cd=field; Pb=field' (empty: recognised from the field names)</source>
      <translation>水体的元素及其字段，如 'Cd=field; Pb=field'（留空：由字段名识别）</translation>
    </message>
    <message>
      <source>Units of the water, one for all or as 'Al=%; Hg=ug/kg' (empty: from the names, else mg/kg or ug/L)</source>
      <translation>水体的单位，统一填写或如 'Al=%; Hg=ug/kg'（留空：由字段名判断，否则为 mg/kg 或 ug/L）</translation>
    </message>
    <message>
      <source>Detection limits of the water, as 'Cd=0.1; Hg=hg_limit', a number or a field (empty: from '&lt;0.1' in the data)</source>
      <translation>水体的检出限，如 'Cd=0.1; Hg=hg_limit'，可为数值或字段（留空：由数据中的 '&lt;0.1' 读取）</translation>
    </message>
    <message>
      <source>Standard deviations of the sediment's replicates, as 'Cd=cd_sd; Pb=pb_sd'</source>
      <translation>沉积物平行样的标准差，如 'Cd=cd_sd; Pb=pb_sd'</translation>
    </message>
    <message>
      <source>Standard deviations of the water's replicates, as 'Cd=cd_sd; Pb=pb_sd'</source>
      <translation>水体平行样的标准差，如 'Cd=cd_sd; Pb=pb_sd'</translation>
    </message>
    <message>
      <source>Field of the sediment sites to group by, such as the estuary</source>
      <translation>沉积物站位的分组字段，如河口</translation>
    </message>
    <message>
      <source>Published ranges to compare with: metal, low, high (log10 L/kg), source</source>
      <translation>用于比较的已发表范围：金属、下限、上限 (log10 L/kg)、来源</translation>
    </message>
    <message>
      <source>Partition coefficients</source>
      <translation>分配系数</translation>
    </message>
    <message>
      <source>Summary by metal</source>
      <translation>各金属汇总</translation>
    </message>
    <message>
      <source>Comparison with published ranges</source>
      <translation>与已发表范围的比较</translation>
    </message>
    <message>
      <source>Compare groups (e.g. estuaries)</source>
      <translation>组间比较（如各河口）</translation>
    </message>
    <message>
      <source>Statistics</source>
      <translation>统计</translation>
    </message>
    <message>
      <source>Sites (points or table)</source>
      <translation>站位（点或表）</translation>
    </message>
    <message>
      <source>Variables (empty: recognised concentrations and properties)</source>
      <translation>变量（留空：识别出的浓度和理化性质）</translation>
    </message>
    <message>
      <source>Field of the groups</source>
      <translation>分组字段</translation>
    </message>
    <message>
      <source>Polygons of the groups, in place of a field</source>
      <translation>分组多边形（代替分组字段）</translation>
    </message>
    <message>
      <source>Field of the polygons' names</source>
      <translation>多边形名称字段</translation>
    </message>
    <message>
      <source>Kruskal-Wallis, pairs by Dunn (Holm)</source>
      <translation>Kruskal-Wallis 检验，两两比较用 Dunn 检验 (Holm 校正)</translation>
    </message>
    <message>
      <source>Welch's analysis of variance, pairs by Games-Howell</source>
      <translation>Welch 方差分析，两两比较用 Games-Howell 检验</translation>
    </message>
    <message>
      <source>Logarithms (base 10) of the values</source>
      <translation>对数值取对数（以 10 为底）</translation>
    </message>
    <message>
      <source>Level of the letters</source>
      <translation>字母标记的显著性水平</translation>
    </message>
    <message>
      <source>Least number of values in a group</source>
      <translation>每组的最少数值个数</translation>
    </message>
    <message>
      <source>Tests</source>
      <translation>检验</translation>
    </message>
    <message>
      <source>Pairs of groups</source>
      <translation>组间两两比较</translation>
    </message>
    <message>
      <source>Statistics of the groups</source>
      <translation>各组统计量</translation>
    </message>
    <message>
      <source>Sites with their group</source>
      <translation>带分组的站位</translation>
    </message>
    <message>
      <source>Correlation and Mantel tests</source>
      <translation>相关分析与 Mantel 检验</translation>
    </message>
    <message>
      <source>Other variables, such as another medium's (empty: the variables among themselves)</source>
      <translation>其他变量，如另一介质的变量（留空：变量之间两两相关）</translation>
    </message>
    <message>
      <source>Correlation</source>
      <translation>相关系数</translation>
    </message>
    <message>
      <source>Spearman (ranks)</source>
      <translation>Spearman（秩相关）</translation>
    </message>
    <message>
      <source>Pearson</source>
      <translation>Pearson</translation>
    </message>
    <message>
      <source>Kendall (tau-b)</source>
      <translation>Kendall (tau-b)</translation>
    </message>
    <message>
      <source>Transform of the concentrations</source>
      <translation>浓度的变换</translation>
    </message>
    <message>
      <source>Logarithms (base 10)</source>
      <translation>对数（以 10 为底）</translation>
    </message>
    <message>
      <source>Centred log-ratios, for data that sum to a constant</source>
      <translation>中心化对数比，用于总和为常数的数据</translation>
    </message>
    <message>
      <source>Mantel tests of the variables with each of the other variables</source>
      <translation>变量与其他每个变量的 Mantel 检验</translation>
    </message>
    <message>
      <source>Level of significance</source>
      <translation>显著性水平</translation>
    </message>
    <message>
      <source>Only rows that have every variable</source>
      <translation>只用所有变量齐全的行</translation>
    </message>
    <message>
      <source>Sets of variables to test, as 'metals = Cd, Pb; nutrients = OM' (empty: each, and all together)</source>
      <translation>待检验的变量组，如 'metals = Cd, Pb; nutrients = OM'（留空：逐个及全部一起）</translation>
    </message>
    <message>
      <source>Correlation of the distances</source>
      <translation>距离之间的相关系数</translation>
    </message>
    <message>
      <source>Distance of the tested sets</source>
      <translation>待检验变量组的距离</translation>
    </message>
    <message>
      <source>Euclidean, variables standardized</source>
      <translation>欧氏距离，变量标准化</translation>
    </message>
    <message>
      <source>Euclidean</source>
      <translation>欧氏距离</translation>
    </message>
    <message>
      <source>Bray-Curtis</source>
      <translation>Bray-Curtis 距离</translation>
    </message>
    <message>
      <source>Permutations</source>
      <translation>置换次数</translation>
    </message>
    <message>
      <source>Partial Mantel tests: fields held constant</source>
      <translation>偏 Mantel 检验：保持不变的字段</translation>
    </message>
    <message>
      <source>Partial Mantel tests: distance between the sites held constant</source>
      <translation>偏 Mantel 检验：保持站位间距离不变</translation>
    </message>
    <message>
      <source>Correlations</source>
      <translation>相关分析结果</translation>
    </message>
    <message>
      <source>Mantel tests</source>
      <translation>Mantel 检验</translation>
    </message>
    <message>
      <source>Multiple regression</source>
      <translation>多元回归</translation>
    </message>
    <message>
      <source>Target</source>
      <translation>目标变量</translation>
    </message>
    <message>
      <source>Predictors</source>
      <translation>预测变量</translation>
    </message>
    <message>
      <source>Fields taken as logarithms (base 10)</source>
      <translation>取对数（以 10 为底）的字段</translation>
    </message>
    <message>
      <source>Confidence of the intervals (%)</source>
      <translation>区间的置信水平 (%)</translation>
    </message>
    <message>
      <source>Neighbours of a site, for Moran's I</source>
      <translation>计算 Moran's I 时每个站位的邻居数</translation>
    </message>
    <message>
      <source>Coefficients</source>
      <translation>回归系数</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>模型</translation>
    </message>
    <message>
      <source>Fitted values and residuals</source>
      <translation>拟合值与残差</translation>
    </message>
    <message>
      <source>Structural equation model</source>
      <translation>结构方程模型</translation>
    </message>
    <message>
      <source>As written below or in the file</source>
      <translation>按下方文本或文件</translation>
    </message>
    <message>
      <source>Soil-sediment-water (Wu et al. 2025)</source>
      <translation>土壤-沉积物-水 (Wu 等 2025)</translation>
    </message>
    <message>
      <source>Model text in lavaan's syntax; statements end at a line or ';'</source>
      <translation>lavaan 语法的模型文本；语句以换行或 ';' 结束</translation>
    </message>
    <message>
      <source>Model file (in place of the text)</source>
      <translation>模型文件（代替文本）</translation>
    </message>
    <message>
      <source>Soil fields of the ready model</source>
      <translation>现成模型的土壤字段</translation>
    </message>
    <message>
      <source>Sediment fields of the ready model</source>
      <translation>现成模型的沉积物字段</translation>
    </message>
    <message>
      <source>Water fields of the ready model</source>
      <translation>现成模型的水体字段</translation>
    </message>
    <message>
      <source>Fields to take the logarithm of first</source>
      <translation>先取对数的字段</translation>
    </message>
    <message>
      <source>Standardize the variables first (always so for the ready model)</source>
      <translation>先将变量标准化（现成模型始终如此）</translation>
    </message>
    <message>
      <source>Estimator</source>
      <translation>估计方法</translation>
    </message>
    <message>
      <source>Maximum likelihood (ML)</source>
      <translation>极大似然法 (ML)</translation>
    </message>
    <message>
      <source>Maximum likelihood, robust errors and test (MLR)</source>
      <translation>极大似然法，稳健标准误与检验 (MLR)</translation>
    </message>
    <message>
      <source>Rows with missing values</source>
      <translation>含缺失值的行</translation>
    </message>
    <message>
      <source>Leave the row out</source>
      <translation>不使用该行</translation>
    </message>
    <message>
      <source>Use what the row has (full information maximum likelihood)</source>
      <translation>使用该行已有的值（完全信息极大似然法）</translation>
    </message>
    <message>
      <source>Drop paths weaker than this standardized size (0: keep all)</source>
      <translation>剔除标准化系数弱于此值的路径（0：全部保留）</translation>
    </message>
    <message>
      <source>Bootstrap resamples (0: none; 1000 for 95 % intervals)</source>
      <translation>自助法重抽样次数（0：不做；95 % 区间用 1000）</translation>
    </message>
    <message>
      <source>Estimates</source>
      <translation>估计值</translation>
    </message>
    <message>
      <source>Fit indices</source>
      <translation>拟合指数</translation>
    </message>
    <message>
      <source>Modification indices</source>
      <translation>修正指数</translation>
    </message>
    <message>
      <source>Direct, indirect and total effects</source>
      <translation>直接、间接与总效应</translation>
    </message>
    <message>
      <source>Paths dropped</source>
      <translation>被剔除的路径</translation>
    </message>
    <message>
      <source>Path diagram</source>
      <translation>路径图</translation>
    </message>
    <message>
      <source>Positive matrix factorization</source>
      <translation>正定矩阵因子分解 (PMF)</translation>
    </message>
    <message>
      <source>Sources</source>
      <translation>源解析</translation>
    </message>
    <message>
      <source>Samples (points or table)</source>
      <translation>样品（点或表）</translation>
    </message>
    <message>
      <source>water</source>
      <translation>水体</translation>
    </message>
    <message>
      <source>Species fields, used as they are (empty: the elements above)</source>
      <translation>按原值使用的组分字段（留空：使用上面的元素）</translation>
    </message>
    <message>
      <source>Concentration file of EPA PMF 5.0 (instead of the samples)</source>
      <translation>EPA PMF 5.0 浓度文件（代替样品）</translation>
    </message>
    <message>
      <source>Uncertainty file of EPA PMF 5.0</source>
      <translation>EPA PMF 5.0 不确定度文件</translation>
    </message>
    <message>
      <source>Number of factors</source>
      <translation>因子数</translation>
    </message>
    <message>
      <source>Random starts</source>
      <translation>随机初值次数</translation>
    </message>
    <message>
      <source>Error fraction</source>
      <translation>误差比例</translation>
    </message>
    <message>
      <source>Other error fractions, as 'Cd=0.15; Hg=0.2'</source>
      <translation>其他误差比例，如 'Cd=0.15; Hg=0.2'</translation>
    </message>
    <message>
      <source>Uncertainty fields, as 'Cd=cd_unc; Pb=pb_unc' (empty: computed)</source>
      <translation>不确定度字段，如 'Cd=cd_unc; Pb=pb_unc'（留空：计算得到）</translation>
    </message>
    <message>
      <source>Extra modelling uncertainty (%)</source>
      <translation>额外建模不确定度 (%)</translation>
    </message>
    <message>
      <source>Missing values</source>
      <translation>缺失值</translation>
    </message>
    <message>
      <source>Species median, uncertainty 4 × median</source>
      <translation>组分中位数，不确定度为 4 × 中位数</translation>
    </message>
    <message>
      <source>Leave the sample out</source>
      <translation>不使用该样品</translation>
    </message>
    <message>
      <source>Strong species, as 'Cd; Hg' (those not named: by signal-to-noise)</source>
      <translation>强组分，如 'Cd; Hg'（未列出者按信噪比判定）</translation>
    </message>
    <message>
      <source>Weak species (uncertainty × 3)</source>
      <translation>弱组分（不确定度 × 3）</translation>
    </message>
    <message>
      <source>Bad species (left out)</source>
      <translation>差组分（不使用）</translation>
    </message>
    <message>
      <source>Species that sums up the others (made weak)</source>
      <translation>汇总其他组分的总量组分（设为弱组分）</translation>
    </message>
    <message>
      <source>Lowest contribution (mean 1)</source>
      <translation>贡献的下限（均值为 1）</translation>
    </message>
    <message>
      <source>−0.2, as EPA PMF 5.0</source>
      <translation>−0.2，同 EPA PMF 5.0</translation>
    </message>
    <message>
      <source>0</source>
      <translation>0</translation>
    </message>
    <message>
      <source>Robust: weight outliers down</source>
      <translation>稳健模式：降低离群值的权重</translation>
    </message>
    <message>
      <source>Run to keep (0: the one with the lowest Q)</source>
      <translation>保留的运行（0：Q 最低者）</translation>
    </message>
    <message>
      <source>Fpeak strengths, as '-1; -0.5; 0.5; 1' (empty: none)</source>
      <translation>Fpeak 强度，如 '-1; -0.5; 0.5; 1'（留空：不做）</translation>
    </message>
    <message>
      <source>Constraints, as 'factor2: Cd = 0; factor1: Pb up 0.5 %' (empty: none)</source>
      <translation>约束，如 'factor2: Cd = 0; factor1: Pb up 0.5 %'（留空：无）</translation>
    </message>
    <message>
      <source>Bootstrap runs (0: none; 100 or more give steady intervals)</source>
      <translation>自助法运行次数（0：不做；100 次以上区间才稳定）</translation>
    </message>
    <message>
      <source>Bootstrap block: consecutive samples drawn together</source>
      <translation>自助法块长：一起抽取的连续样品数</translation>
    </message>
    <message>
      <source>Bootstrap neighbours: about so many neighbouring sites drawn together (0: none)</source>
      <translation>自助法邻域：一起抽取的相邻站位的大致个数（0：不用）</translation>
    </message>
    <message>
      <source>Least correlation for mapping a bootstrap factor</source>
      <translation>自助法因子映射的最小相关系数</translation>
    </message>
    <message>
      <source>Displacement: range of every profile value</source>
      <translation>位移法 (DISP)：每个因子谱值的范围</translation>
    </message>
    <message>
      <source>Bootstrap with displacement (BS-DISP), of as many resamples as bootstrap runs, else 100</source>
      <translation>自助-位移法 (BS-DISP)，重抽样次数同自助法运行次数，否则为 100</translation>
    </message>
    <message>
      <source>Species displaced in resamples, as 'Cd; Hg' (empty: all strong)</source>
      <translation>在重抽样中做位移的组分，如 'Cd; Hg'（留空：所有强组分）</translation>
    </message>
    <message>
      <source>Samples of a second medium, to match its sources</source>
      <translation>第二种介质的样品，用于匹配其来源</translation>
    </message>
    <message>
      <source>Second medium</source>
      <translation>第二种介质</translation>
    </message>
    <message>
      <source>Elements and their fields of the second medium, as 'Cd=field; Pb=field' (empty: recognised from the field names)</source>
      <translation>第二种介质的元素及其字段，如 'Cd=field; Pb=field'（留空：由字段名识别）</translation>
    </message>
    <message>
      <source>Units of the second medium, one for all or as 'Al=%; Hg=ug/kg' (empty: from the names, else mg/kg or ug/L)</source>
      <translation>第二种介质的单位，统一填写或如 'Al=%; Hg=ug/kg'（留空：由字段名判断，否则为 mg/kg 或 ug/L）</translation>
    </message>
    <message>
      <source>Detection limits of the second medium, as 'Cd=0.1; Hg=hg_limit', a number or a field (empty: from '&lt;0.1' in the data)</source>
      <translation>第二种介质的检出限，如 'Cd=0.1; Hg=hg_limit'，可为数值或字段（留空：由数据中的 '&lt;0.1' 读取）</translation>
    </message>
    <message>
      <source>Least cosine of the same source</source>
      <translation>判为同一来源的最小余弦</translation>
    </message>
    <message>
      <source>Model both media in one table, too</source>
      <translation>另将两种介质合为一表建模</translation>
    </message>
    <message>
      <source>Dask scheduler for the heavy work, as tcp://10.0.0.5:8786 (empty: this machine)</source>
      <translation>承担繁重计算的 Dask 调度器，如 tcp://10.0.0.5:8786（留空：本机）</translation>
    </message>
    <message>
      <source>Contributions</source>
      <translation>因子贡献</translation>
    </message>
    <message>
      <source>Factor profiles</source>
      <translation>因子谱</translation>
    </message>
    <message>
      <source>Species diagnostics</source>
      <translation>组分诊断</translation>
    </message>
    <message>
      <source>Bootstrap mapping</source>
      <translation>自助法映射</translation>
    </message>
    <message>
      <source>Intervals of the contributions</source>
      <translation>贡献的区间</translation>
    </message>
    <message>
      <source>Intervals of the profiles</source>
      <translation>因子谱的区间</translation>
    </message>
    <message>
      <source>Displacement: swaps and decrease of Q</source>
      <translation>位移法：因子互换与 Q 的下降</translation>
    </message>
    <message>
      <source>Bootstrap with displacement: resamples accepted</source>
      <translation>自助-位移法：被接受的重抽样</translation>
    </message>
    <message>
      <source>Fpeak runs</source>
      <translation>Fpeak 运行</translation>
    </message>
    <message>
      <source>Profiles of the Fpeak runs</source>
      <translation>Fpeak 运行的因子谱</translation>
    </message>
    <message>
      <source>Constraints and their cost</source>
      <translation>约束及其代价</translation>
    </message>
    <message>
      <source>Profiles before and under the constraints</source>
      <translation>施加约束前后的因子谱</translation>
    </message>
    <message>
      <source>Sources matched between the media</source>
      <translation>两种介质间匹配的来源</translation>
    </message>
    <message>
      <source>Joint model: shares of the sources</source>
      <translation>联合模型：各来源所占比例</translation>
    </message>
    <message>
      <source>Joint model: profiles</source>
      <translation>联合模型：因子谱</translation>
    </message>
    <message>
      <source>Joint model: contributions</source>
      <translation>联合模型：因子贡献</translation>
    </message>
    <message>
      <source>Format of the EPA PMF 5.0 files</source>
      <translation>EPA PMF 5.0 文件的格式</translation>
    </message>
    <message>
      <source>Workbooks (.xlsx)</source>
      <translation>工作簿 (.xlsx)</translation>
    </message>
    <message>
      <source>Text (.csv)</source>
      <translation>文本 (.csv)</translation>
    </message>
    <message>
      <source>Folder for EPA PMF 5.0 files</source>
      <translation>EPA PMF 5.0 文件的文件夹</translation>
    </message>
    <message>
      <source>Choose the number of PMF factors</source>
      <translation>选择 PMF 因子数</translation>
    </message>
    <message>
      <source>Lowest number of factors</source>
      <translation>最少因子数</translation>
    </message>
    <message>
      <source>Highest number of factors</source>
      <translation>最多因子数</translation>
    </message>
    <message>
      <source>Bootstrap runs for every number</source>
      <translation>每个因子数的自助法运行次数</translation>
    </message>
    <message>
      <source>Simulations for every number</source>
      <translation>每个因子数的模拟次数</translation>
    </message>
    <message>
      <source>Criteria by number of factors</source>
      <translation>各因子数的判据</translation>
    </message>
    <message>
      <source>Recommended number (0: none)</source>
      <translation>推荐的因子数（0：无）</translation>
    </message>
    <message>
      <source>Recommendation in words</source>
      <translation>推荐意见的文字说明</translation>
    </message>
    <message>
      <source>Isotope deltas and fractionation between media</source>
      <translation>同位素 δ 值与介质间分馏</translation>
    </message>
    <message>
      <source>Field of the isotope values</source>
      <translation>同位素值字段</translation>
    </message>
    <message>
      <source>The values are</source>
      <translation>数值为</translation>
    </message>
    <message>
      <source>Isotope ratios</source>
      <translation>同位素比值</translation>
    </message>
    <message>
      <source>Deltas (‰)</source>
      <translation>δ 值 (‰)</translation>
    </message>
    <message>
      <source>Standard</source>
      <translation>标准物质</translation>
    </message>
    <message>
      <source>114Cd/110Cd (NIST SRM 3108)</source>
      <translation>114Cd/110Cd (NIST SRM 3108)</translation>
    </message>
    <message>
      <source>206Pb/204Pb (NIST SRM 981)</source>
      <translation>206Pb/204Pb (NIST SRM 981)</translation>
    </message>
    <message>
      <source>207Pb/204Pb (NIST SRM 981)</source>
      <translation>207Pb/204Pb (NIST SRM 981)</translation>
    </message>
    <message>
      <source>208Pb/204Pb (NIST SRM 981)</source>
      <translation>208Pb/204Pb (NIST SRM 981)</translation>
    </message>
    <message>
      <source>206Pb/207Pb (NIST SRM 981)</source>
      <translation>206Pb/207Pb (NIST SRM 981)</translation>
    </message>
    <message>
      <source>207Pb/206Pb (NIST SRM 981)</source>
      <translation>207Pb/206Pb (NIST SRM 981)</translation>
    </message>
    <message>
      <source>208Pb/206Pb (NIST SRM 981)</source>
      <translation>208Pb/206Pb (NIST SRM 981)</translation>
    </message>
    <message>
      <source>208Pb/207Pb (NIST SRM 981)</source>
      <translation>208Pb/207Pb (NIST SRM 981)</translation>
    </message>
    <message>
      <source>Another: give its ratio</source>
      <translation>其他：请给出其比值</translation>
    </message>
    <message>
      <source>Measured ratio of the standard (0: the certified one)</source>
      <translation>标准物质的实测比值（0：采用认证值）</translation>
    </message>
    <message>
      <source>Standard uncertainty of the standard's ratio</source>
      <translation>标准物质比值的标准不确定度</translation>
    </message>
    <message>
      <source>Field of the values' standard uncertainties</source>
      <translation>数值的标准不确定度字段</translation>
    </message>
    <message>
      <source>Field of the medium</source>
      <translation>介质字段</translation>
    </message>
    <message>
      <source>Samples with deltas</source>
      <translation>带 δ 值的样品</translation>
    </message>
    <message>
      <source>Fractionation between media</source>
      <translation>介质间的分馏</translation>
    </message>
    <message>
      <source>Deltas of the media</source>
      <translation>各介质的 δ 值</translation>
    </message>
    <message>
      <source>Isotope mixing model</source>
      <translation>同位素混合模型</translation>
    </message>
    <message>
      <source>Mixtures (points or table)</source>
      <translation>混合物（点或表）</translation>
    </message>
    <message>
      <source>Tracer fields (empty: every one that the sources have a mean of)</source>
      <translation>示踪剂字段（留空：所有来源均有均值者）</translation>
    </message>
    <message>
      <source>Group field (empty: all mixtures together)</source>
      <translation>分组字段（留空：所有混合物合在一起）</translation>
    </message>
    <message>
      <source>Sources (table)</source>
      <translation>来源（表）</translation>
    </message>
    <message>
      <source>Field with the sources' names (empty: 'source', else the first)</source>
      <translation>来源名称字段（留空：'source'，否则第一个字段）</translation>
    </message>
    <message>
      <source>Discrimination (table)</source>
      <translation>判别分馏（表）</translation>
    </message>
    <message>
      <source>Error of the mixtures</source>
      <translation>混合物的误差</translation>
    </message>
    <message>
      <source>Residual × process, as MixSIAR</source>
      <translation>残差 × 过程误差，同 MixSIAR</translation>
    </message>
    <message>
      <source>Residual only</source>
      <translation>仅残差</translation>
    </message>
    <message>
      <source>Process only (Eq. 1-5 of Wu et al. 2025)</source>
      <translation>仅过程误差 (Wu 等 2025，式 1-5)</translation>
    </message>
    <message>
      <source>Prior scale of the residual covariance</source>
      <translation>残差协方差的先验尺度</translation>
    </message>
    <message>
      <source>Mean variance of the sources, whatever the unit</source>
      <translation>来源的平均方差，与单位无关</translation>
    </message>
    <message>
      <source>Identity matrix, as MixSIAR</source>
      <translation>单位矩阵，同 MixSIAR</translation>
    </message>
    <message>
      <source>Dirichlet prior, as 'Soil=2; Coal=1' (empty: 1 for all)</source>
      <translation>Dirichlet 先验，如 'Soil=2; Coal=1'（留空：均为 1）</translation>
    </message>
    <message>
      <source>Weight by the sources' concentrations, where the table has them</source>
      <translation>按来源的浓度加权（表中有浓度时）</translation>
    </message>
    <message>
      <source>Compositions to draw beside (table; empty: lead isotopes of the literature)</source>
      <translation>一并绘出的同位素组成（表；留空：文献中的铅同位素）</translation>
    </message>
    <message>
      <source>PMF: factor profiles (table of the PMF tool)</source>
      <translation>PMF：因子谱（PMF 工具输出的表）</translation>
    </message>
    <message>
      <source>PMF: contributions at the same sites (empty: all sites)</source>
      <translation>PMF：相同站位的因子贡献（留空：所有站位）</translation>
    </message>
    <message>
      <source>PMF: species of the isotopes, such as Pb</source>
      <translation>PMF：该同位素对应的组分，如 Pb</translation>
    </message>
    <message>
      <source>PMF: anthropogenic factors, as 'factor1; factor4'</source>
      <translation>PMF：人为源因子，如 'factor1; factor4'</translation>
    </message>
    <message>
      <source>Anthropogenic sources of the mixing model, as 'Deposition; Coal'</source>
      <translation>混合模型的人为来源，如 'Deposition; Coal'</translation>
    </message>
    <message>
      <source>Difference of the shares that still counts as agreement</source>
      <translation>仍算一致的比例之差</translation>
    </message>
    <message>
      <source>Posterior shares</source>
      <translation>后验比例</translation>
    </message>
    <message>
      <source>Posterior shares of every sample</source>
      <translation>每个样品的后验比例</translation>
    </message>
    <message>
      <source>Correlation of the sources</source>
      <translation>来源之间的相关</translation>
    </message>
    <message>
      <source>Posterior predictive check</source>
      <translation>后验预测检验</translation>
    </message>
    <message>
      <source>Two end-members, tracer by tracer</source>
      <translation>二端元，逐个示踪剂</translation>
    </message>
    <message>
      <source>PMF and isotopes together</source>
      <translation>PMF 与同位素对照</translation>
    </message>
    <message>
      <source>PERI and other pollution indices</source>
      <translation>PERI 及其他污染指数</translation>
    </message>
    <message>
      <source>Risk</source>
      <translation>风险</translation>
    </message>
    <message>
      <source>Background</source>
      <translation>背景值</translation>
    </message>
    <message>
      <source>Baseline of the data: iterative mean (IMEA)</source>
      <translation>由数据估计的基线：迭代均值法 (IMEA)</translation>
    </message>
    <message>
      <source>Baseline of the data: iterative median (IMED)</source>
      <translation>由数据估计的基线：迭代中位数法 (IMED)</translation>
    </message>
    <message>
      <source>Baseline of the data: box plot</source>
      <translation>由数据估计的基线：箱线图法</translation>
    </message>
    <message>
      <source>Baseline of the data: relative cumulative frequency (RCF)</source>
      <translation>由数据估计的基线：相对累积频率法 (RCF)</translation>
    </message>
    <message>
      <source>Baselines table (empty: baselines of these samples)</source>
      <translation>基线表（留空：由这些样品估计基线）</translation>
    </message>
    <message>
      <source>Class limits of PERI</source>
      <translation>PERI 的分级界限</translation>
    </message>
    <message>
      <source>100 / 200 / 400, eight metals (Wu et al. 2025)</source>
      <translation>100 / 200 / 400，八种金属 (Wu 等 2025)</translation>
    </message>
    <message>
      <source>150 / 300 / 600 (Hakanson 1980)</source>
      <translation>150 / 300 / 600 (Hakanson 1980)</translation>
    </message>
    <message>
      <source>Hakanson's limits scaled to the sum of Tr of the metals used</source>
      <translation>按所用金属的 Tr 之和缩放的 Hakanson 界限</translation>
    </message>
    <message>
      <source>Metals that PERI sums, as 'Cd; Pb' (empty: all)</source>
      <translation>PERI 求和的金属，如 'Cd; Pb'（留空：全部）</translation>
    </message>
    <message>
      <source>Own toxic response factors, as 'Cd=30; Co=5'</source>
      <translation>自定义毒性响应系数，如 'Cd=30; Co=5'</translation>
    </message>
    <message>
      <source>Reference element of EF, such as Al (empty: no EF)</source>
      <translation>EF 的参比元素，如 Al（留空：不算 EF）</translation>
    </message>
    <message>
      <source>Compute from the metals present where one is missing</source>
      <translation>缺少某金属时用现有金属计算</translation>
    </message>
    <message>
      <source>Mean quotients over marine sediment guidelines (TEL, PEL, ERL, ERM)</source>
      <translation>相对海洋沉积物质量基准的平均商值 (TEL, PEL, ERL, ERM)</translation>
    </message>
    <message>
      <source>Indices</source>
      <translation>污染指数</translation>
    </message>
    <message>
      <source>Shares of the classes</source>
      <translation>各等级所占比例</translation>
    </message>
    <message>
      <source>Train a risk model (XGBoost)</source>
      <translation>训练风险模型 (XGBoost)</translation>
    </message>
    <message>
      <source>Sites</source>
      <translation>站位</translation>
    </message>
    <message>
      <source>Predictor fields (empty: the rasters, or without rasters all fields that can serve)</source>
      <translation>预测变量字段（留空：用栅格；没有栅格时用所有可用字段）</translation>
    </message>
    <message>
      <source>Covariate rasters, sampled at the sites</source>
      <translation>在站位上提取的协变量栅格</translation>
    </message>
    <message>
      <source>Class names of rasters, as 'landcover=classes.tsv; rock=rock.tsv'</source>
      <translation>栅格的类别名称，如 'landcover=classes.tsv; rock=rock.tsv'</translation>
    </message>
    <message>
      <source>Field of groups that stay in one fold</source>
      <translation>保持在同一折内的分组字段</translation>
    </message>
    <message>
      <source>Choice of predictors</source>
      <translation>预测变量的选择</translation>
    </message>
    <message>
      <source>Chosen inside every training fold; circular ones left out</source>
      <translation>在每个训练折内选择；排除循环变量</translation>
    </message>
    <message>
      <source>As in Wu et al. 2025: best ten on all sites, circular ones allowed</source>
      <translation>同 Wu 等 (2025)：在全部站位上取最优十个，允许循环变量</translation>
    </message>
    <message>
      <source>All kept; circular ones left out</source>
      <translation>全部保留；排除循环变量</translation>
    </message>
    <message>
      <source>Folds</source>
      <translation>折数</translation>
    </message>
    <message>
      <source>Repeats of the folds</source>
      <translation>折的重复次数</translation>
    </message>
    <message>
      <source>Side of the spatial blocks (m; 0: from the data)</source>
      <translation>空间块的边长 (m；0：由数据确定)</translation>
    </message>
    <message>
      <source>Also score on folds matched to the map (kNNDM)</source>
      <translation>另用与地图匹配的折评分 (kNNDM)</translation>
    </message>
    <message>
      <source>Most predictors</source>
      <translation>预测变量的最多个数</translation>
    </message>
    <message>
      <source>Also score as in Wu et al. 2025, to show the difference</source>
      <translation>另按 Wu 等 (2025) 的方式评分，以显示差别</translation>
    </message>
    <message>
      <source>Other parameters of the trees to try inside the folds (0: none)</source>
      <translation>在折内试验的其他树参数组数（0：不试）</translation>
    </message>
    <message>
      <source>Longest search (s)</source>
      <translation>最长搜索时间 (s)</translation>
    </message>
    <message>
      <source>Also score with fewer training sites (learning curve)</source>
      <translation>另用较少的训练站位评分（学习曲线）</translation>
    </message>
    <message>
      <source>Transform of the target</source>
      <translation>目标变量的变换</translation>
    </message>
    <message>
      <source>Logarithmic for a skewed target, else none</source>
      <translation>目标变量偏斜时取对数，否则不变换</translation>
    </message>
    <message>
      <source>Logarithmic</source>
      <translation>取对数</translation>
    </message>
    <message>
      <source>Level of the prediction intervals (%)</source>
      <translation>预测区间的水平 (%)</translation>
    </message>
    <message>
      <source>Medium of the target</source>
      <translation>目标变量的介质</translation>
    </message>
    <message>
      <source>As the target's name tells</source>
      <translation>由目标变量的名称判断</translation>
    </message>
    <message>
      <source>More fields the target is computed from</source>
      <translation>计算目标变量所用的其他字段</translation>
    </message>
    <message>
      <source>Covariate manifest of the fields</source>
      <translation>字段的协变量清单</translation>
    </message>
    <message>
      <source>Held-out predictions</source>
      <translation>留出预测值</translation>
    </message>
    <message>
      <source>Scores</source>
      <translation>评分</translation>
    </message>
    <message>
      <source>SHAP values of the sites</source>
      <translation>各站位的 SHAP 值</translation>
    </message>
    <message>
      <source>Explain a risk model (SHAP)</source>
      <translation>解释风险模型 (SHAP)</translation>
    </message>
    <message>
      <source>Points to explain</source>
      <translation>要解释的点</translation>
    </message>
    <message>
      <source>Rasters in the place of the model's own</source>
      <translation>代替模型自带栅格的栅格</translation>
    </message>
    <message>
      <source>Time allowed for the rasters (s)</source>
      <translation>栅格计算允许的时间 (s)</translation>
    </message>
    <message>
      <source>Cell size of the rasters (units of the CRS; 0: from the time allowed)</source>
      <translation>栅格的像元大小（坐标系单位；0：由允许的时间确定）</translation>
    </message>
    <message>
      <source>Template raster (empty: the model's first covariate)</source>
      <translation>模板栅格（留空：模型的第一个协变量）</translation>
    </message>
    <message>
      <source>Extent of the rasters</source>
      <translation>栅格的范围</translation>
    </message>
    <message>
      <source>Also explain cells where some covariates have no value</source>
      <translation>也解释部分协变量缺值的像元</translation>
    </message>
    <message>
      <source>SHAP values and dominant driver</source>
      <translation>SHAP 值与主导驱动因子</translation>
    </message>
    <message>
      <source>Importance</source>
      <translation>重要性</translation>
    </message>
    <message>
      <source>Interactions</source>
      <translation>交互作用</translation>
    </message>
    <message>
      <source>Raster of SHAP values</source>
      <translation>SHAP 值栅格</translation>
    </message>
    <message>
      <source>Raster of dominant drivers</source>
      <translation>主导驱动因子栅格</translation>
    </message>
    <message>
      <source>Predict risk at points</source>
      <translation>在点上预测风险</translation>
    </message>
    <message>
      <source>Predicted risk</source>
      <translation>预测的风险</translation>
    </message>
    <message>
      <source>Predict a risk raster</source>
      <translation>预测风险栅格</translation>
    </message>
    <message>
      <source>No farther from a training site than (m; 0: everywhere)</source>
      <translation>离训练站位不超过 (m；0：不限)</translation>
    </message>
    <message>
      <source>Also predict cells where some covariates have no value</source>
      <translation>也预测部分协变量缺值的像元</translation>
    </message>
    <message>
      <source>Go on from an interrupted run, and keep what is finished if this one is interrupted</source>
      <translation>从中断的运行继续；若本次中断，保留已完成的部分</translation>
    </message>
    <message>
      <source>Risk raster</source>
      <translation>风险栅格</translation>
    </message>
    <message>
      <source>Raster of the risk classes</source>
      <translation>风险等级栅格</translation>
    </message>
    <message>
      <source>Area of applicability</source>
      <translation>适用域</translation>
    </message>
    <message>
      <source>Prediction intervals</source>
      <translation>预测区间</translation>
    </message>
    <message>
      <source>Interpolate a site variable (kriging)</source>
      <translation>站位变量的插值（克里金）</translation>
    </message>
    <message>
      <source>Variable</source>
      <translation>变量</translation>
    </message>
    <message>
      <source>Rasters of a linear trend (none: ordinary kriging)</source>
      <translation>线性趋势的栅格（无：普通克里金）</translation>
    </message>
    <message>
      <source>Variogram model</source>
      <translation>变异函数模型</translation>
    </message>
    <message>
      <source>The one that fits best</source>
      <translation>拟合最好的模型</translation>
    </message>
    <message>
      <source>Spherical</source>
      <translation>球状模型</translation>
    </message>
    <message>
      <source>Exponential</source>
      <translation>指数模型</translation>
    </message>
    <message>
      <source>Krige logarithms</source>
      <translation>对数值做克里金</translation>
    </message>
    <message>
      <source>Template raster (empty: the first raster of the trend)</source>
      <translation>模板栅格（留空：趋势的第一个栅格）</translation>
    </message>
    <message>
      <source>Cell size without a template (units of the sites' CRS; 0: 250 cells along)</source>
      <translation>无模板时的像元大小（站位的坐标系单位；0：长边 250 个像元）</translation>
    </message>
    <message>
      <source>Nugget, given, not fitted (with a model; all three)</source>
      <translation>块金值，给定而不拟合（须选定模型；三者都要给）</translation>
    </message>
    <message>
      <source>Partial sill, given, not fitted (with a model; all three)</source>
      <translation>偏基台值，给定而不拟合（须选定模型；三者都要给）</translation>
    </message>
    <message>
      <source>Range parameter (m), given, not fitted (with a model; all three)</source>
      <translation>变程参数 (m)，给定而不拟合（须选定模型；三者都要给）</translation>
    </message>
    <message>
      <source>Largest distance of the variogram (m; 0: a third of the diagonal)</source>
      <translation>变异函数的最大距离 (m；0：对角线的三分之一)</translation>
    </message>
    <message>
      <source>Width of its distance classes (m; 0: a fifteenth)</source>
      <translation>距离分组的宽度 (m；0：最大距离的十五分之一)</translation>
    </message>
    <message>
      <source>Surface</source>
      <translation>插值面</translation>
    </message>
    <message>
      <source>Kriging variance</source>
      <translation>克里金方差</translation>
    </message>
    <message>
      <source>Leave-one-out predictions</source>
      <translation>留一法预测值</translation>
    </message>
    <message>
      <source>Compare a risk scenario</source>
      <translation>比较风险情景</translation>
    </message>
    <message>
      <source>Changes, as 'ndvi + 0.1; enterprise_density * 0.5; landcover: cropland -&gt; forest'</source>
      <translation>变化，如 'ndvi + 0.1; enterprise_density * 0.5; landcover: cropland -&gt; forest'</translation>
    </message>
    <message>
      <source>Only inside these polygons</source>
      <translation>只在这些多边形内</translation>
    </message>
    <message>
      <source>Points to compare at</source>
      <translation>用于比较的点</translation>
    </message>
    <message>
      <source>Difference (after minus before)</source>
      <translation>差值（变化后减变化前）</translation>
    </message>
    <message>
      <source>Outside the area of applicability after the change</source>
      <translation>变化后的适用域之外</translation>
    </message>
    <message>
      <source>Prediction before</source>
      <translation>变化前的预测</translation>
    </message>
    <message>
      <source>Prediction after</source>
      <translation>变化后的预测</translation>
    </message>
    <message>
      <source>Area of applicability after the change</source>
      <translation>变化后的适用域</translation>
    </message>
    <message>
      <source>Points before and after</source>
      <translation>变化前后的点</translation>
    </message>
    <message>
      <source>Summary</source>
      <translation>汇总</translation>
    </message>
    <message>
      <source>Classes before and after</source>
      <translation>变化前后的等级</translation>
    </message>
    <message>
      <source>Full coastal assessment</source>
      <translation>海岸带完整评价</translation>
    </message>
    <message>
      <source>Workflow</source>
      <translation>工作流程</translation>
    </message>
    <message>
      <source>Soil samples</source>
      <translation>土壤样品</translation>
    </message>
    <message>
      <source>Sediment samples</source>
      <translation>沉积物样品</translation>
    </message>
    <message>
      <source>Water samples</source>
      <translation>水体样品</translation>
    </message>
    <message>
      <source>Class names of rasters, as 'landcover=classes.tsv; rock=r.tsv'</source>
      <translation>栅格的类别名称，如 'landcover=classes.tsv; rock=r.tsv'</translation>
    </message>
    <message>
      <source>Title of the report and the maps</source>
      <translation>报告和地图的标题</translation>
    </message>
    <message>
      <source>Soils of one site are brought together by their</source>
      <translation>同一站位的土壤样品合并方式</translation>
    </message>
    <message>
      <source>mean</source>
      <translation>平均值</translation>
    </message>
    <message>
      <source>median</source>
      <translation>中位数</translation>
    </message>
    <message>
      <source>nearest</source>
      <translation>最近样点</translation>
    </message>
    <message>
      <source>Background of the soil indices</source>
      <translation>土壤指数的背景值</translation>
    </message>
    <message>
      <source>Background of the sediment indices</source>
      <translation>沉积物指数的背景值</translation>
    </message>
    <message>
      <source>Number of PMF factors</source>
      <translation>PMF 因子数</translation>
    </message>
    <message>
      <source>Soil samples kept apart to score the risk map</source>
      <translation>留作风险图评分的土壤样品</translation>
    </message>
    <message>
      <source>filtered</source>
      <translation>过滤</translation>
    </message>
    <message>
      <source>total</source>
      <translation>总量</translation>
    </message>
    <message>
      <source>unknown</source>
      <translation>未知</translation>
    </message>
    <message>
      <source>PMF starts</source>
      <translation>PMF 随机初值次数</translation>
    </message>
    <message>
      <source>PMF bootstrap runs (0: none)</source>
      <translation>PMF 自助法运行次数（0：不做）</translation>
    </message>
    <message>
      <source>PMF error fraction</source>
      <translation>PMF 误差比例</translation>
    </message>
    <message>
      <source>Folds of the cross-validation</source>
      <translation>交叉验证的折数</translation>
    </message>
    <message>
      <source>Repeats of the cross-validation</source>
      <translation>交叉验证的重复次数</translation>
    </message>
    <message>
      <source>Media whose risk is mapped on the rasters</source>
      <translation>在栅格上绘制风险图的介质</translation>
    </message>
    <message>
      <source>Map no farther from a sample than (m; 0: everywhere)</source>
      <translation>成图范围离样点不超过 (m；0：不限)</translation>
    </message>
    <message>
      <source>Map sediment no farther from a sediment site than (m; 0: everywhere)</source>
      <translation>沉积物成图范围离沉积物站位不超过 (m；0：不限)</translation>
    </message>
    <message>
      <source>Field of the sediment samples to group by (empty: one named estuary, river or region)</source>
      <translation>沉积物样品的分组字段（留空：名为 estuary、river 或 region 的字段）</translation>
    </message>
    <message>
      <source>Load the risk layers into the open project</source>
      <translation>将风险图层加载到当前工程</translation>
    </message>
    <message>
      <source>Output folder</source>
      <translation>输出文件夹</translation>
    </message>
    <message>
      <source>GeoPackage of all layers and tables</source>
      <translation>包含所有图层和表的 GeoPackage</translation>
    </message>
    <message>
      <source>QGIS project</source>
      <translation>QGIS 工程</translation>
    </message>
    <message>
      <source>Record of the run</source>
      <translation>运行记录</translation>
    </message>
    <message>
      <source>Create the example project</source>
      <translation>创建示例工程</translation>
    </message>
    <message>
      <source>Folder</source>
      <translation>文件夹</translation>
    </message>
    <message>
      <source>Load the layers into the open project</source>
      <translation>将图层加载到当前工程</translation>
    </message>
    <message>
      <source>Soil</source>
      <translation>土壤</translation>
    </message>
    <message>
      <source>Sediment</source>
      <translation>沉积物</translation>
    </message>
    <message>
      <source>Water</source>
      <translation>水体</translation>
    </message>
    <message>
      <source>Enterprises</source>
      <translation>企业</translation>
    </message>
    <message>
      <source>GeoPackage</source>
      <translation>GeoPackage</translation>
    </message>
    <message>
      <source>Project</source>
      <translation>工程</translation>
    </message>
    <message>
      <source>Planted truth</source>
      <translation>预设真值</translation>
    </message>
    <message>
      <source>Check dependencies</source>
      <translation>检查依赖包</translation>
    </message>
    <message>
      <source>Install what is missing into a folder of the plugin's own</source>
      <translation>将缺少的包安装到插件自己的文件夹</translation>
    </message>
    <message>
      <source>Folder of wheels to install from (empty: the package index)</source>
      <translation>用于安装的 wheel 文件夹（留空：软件包索引）</translation>
    </message>
    <message>
      <source>Number of missing packages</source>
      <translation>缺少的包数</translation>
    </message>
    <message>
      <source>Packages and versions</source>
      <translation>包与版本</translation>
    </message>
    <message>
      <source>Coast: from samples to a PERI map</source>
      <translation>海岸带：从样品到 PERI 图</translation>
    </message>
    <message>
      <source>Paired sites with covariates</source>
      <translation>带协变量的已配对站位</translation>
    </message>
    <message>
      <source>Report of the explanation</source>
      <translation>解释报告</translation>
    </message>
    <message>
      <source>SHAP values and dominant driver of the soils</source>
      <translation>土壤的 SHAP 值与主导驱动因子</translation>
    </message>
    <message>
      <source>Report of the indices</source>
      <translation>污染指数报告</translation>
    </message>
    <message>
      <source>Pollution indices of the soil</source>
      <translation>土壤污染指数</translation>
    </message>
    <message>
      <source>Report of the partition coefficients</source>
      <translation>分配系数报告</translation>
    </message>
    <message>
      <source>PERI map</source>
      <translation>PERI 图</translation>
    </message>
    <message>
      <source>Baselines of the sediment</source>
      <translation>沉积物基线</translation>
    </message>
    <message>
      <source>Baselines of the soil</source>
      <translation>土壤基线</translation>
    </message>
    <message>
      <source>Report of the soil baselines</source>
      <translation>土壤基线报告</translation>
    </message>
    <message>
      <source>Contributions of the sources</source>
      <translation>来源的贡献</translation>
    </message>
    <message>
      <source>Profiles of the sources</source>
      <translation>来源的因子谱</translation>
    </message>
    <message>
      <source>Report of the sources</source>
      <translation>来源报告</translation>
    </message>
    <message>
      <source>Risk model</source>
      <translation>风险模型</translation>
    </message>
    <message>
      <source>Report of the risk model</source>
      <translation>风险模型报告</translation>
    </message>
    <message>
      <source>Everything is there.</source>
      <translation>一切齐备。</translation>
    </message>
    <message>
      <source>There is nothing to install: QGIS's Python has it all.</source>
      <translation>没有需要安装的包：QGIS 的 Python 已全部具备。</translation>
    </message>
    <message>
      <source>left out, error over its SD</source>
      <translation>留出验证，误差 / 标准差</translation>
    </message>
    <message>
      <source>Delta (‰)</source>
      <translation>δ 值 (‰)</translation>
    </message>
    <message>
      <source>Share of {}</source>
      <translation>{} 所占比例</translation>
    </message>
    <message>
      <source>Contamination zones of {}</source>
      <translation>{} 的污染分区</translation>
    </message>
    <message>
      <source>Contributions of the factors</source>
      <translation>因子贡献</translation>
    </message>
    <message>
      <source>Density per km²</source>
      <translation>密度（每 km²）</translation>
    </message>
    <message>
      <source>Residuals</source>
      <translation>残差</translation>
    </message>
    <message>
      <source>outside the area of applicability after the change</source>
      <translation>变化后的适用域之外</translation>
    </message>
    <message>
      <source>Cancelled. Nothing was written.</source>
      <translation>已取消。未写入任何内容。</translation>
    </message>
    <message>
      <source>QGIS's Python</source>
      <translation>QGIS 的 Python</translation>
    </message>
    <message>
      <source>your own Python packages</source>
      <translation>您自己安装的 Python 包</translation>
    </message>
    <message>
      <source>this plugin's folder</source>
      <translation>本插件的文件夹</translation>
    </message>
    <message>
      <source>another folder</source>
      <translation>其他文件夹</translation>
    </message>
    <message>
      <source>every number</source>
      <translation>所有数值计算</translation>
    </message>
    <message>
      <source>Excel workbooks: publication tables, files of EPA PMF 5.0</source>
      <translation>Excel 工作簿：发表用表格、EPA PMF 5.0 文件</translation>
    </message>
    <message>
      <source>the plots of the shap package itself</source>
      <translation>shap 包自带的图</translation>
    </message>
    <message>
      <source>work on the computers of a Dask cluster</source>
      <translation>在 Dask 集群的计算机上计算</translation>
    </message>
    <message>
      <source>optional</source>
      <translation>可选</translation>
    </message>
    <message>
      <source>missing</source>
      <translation>缺少</translation>
    </message>
    <message>
      <source>not installed</source>
      <translation>未安装</translation>
    </message>
    <message>
      <source>{} is missing. {} tools wait for it: {}.</source>
      <translation>缺少 {}。有 {} 个工具在等待它：{}。</translation>
    </message>
    <message>
      <source>{} {} is older than the tools were tested with ({}). It is not this plugin's to change ({}).</source>
      <translation>{} {} 比工具测试所用的版本 ({}) 旧。本插件不应改动它 ({})。</translation>
    </message>
    <message>
      <source>all tools</source>
      <translation>所有工具</translation>
    </message>
    <message>
      <source>Missing: {}.</source>
      <translation>缺少：{}。</translation>
    </message>
    <message>
      <source>{} tools</source>
      <translation>{} 个工具</translation>
    </message>
    <message>
      <source>This QGIS is a flatpak, which cannot take them</source>
      <translation>此 QGIS 为 flatpak 版，无法使用它们</translation>
    </message>
    <message>
      <source>{} must share QGIS's own GDAL and PROJ and come from where QGIS itself comes from. {}; QGIS from the distribution or from conda-forge can have them. The tools that need them wait.</source>
      <translation>{} 必须使用 QGIS 自身的 GDAL 和 PROJ，应与 QGIS 来自同一处。{}；取自发行版或 conda-forge 的 QGIS 可以安装它们。需要它们的工具暂不可用。</translation>
    </message>
    <message>
      <source>{} must share QGIS's own GDAL and PROJ and come from the Linux distribution:  {}</source>
      <translation>{} 必须使用 QGIS 自身的 GDAL 和 PROJ，应取自 Linux 发行版：  {}</translation>
    </message>
    <message>
      <source>Look for them there</source>
      <translation>请在那里查找</translation>
    </message>
    <message>
      <source>By hand, with QGIS's own Python:
  {}
then 'Check again' in the Dependencies window.
Without network: on another computer with the same system and Python, beside a copy of {},
  {}
then install from that folder of wheels.</source>
      <translation>手动安装，使用 QGIS 自带的 Python：
  {}
然后在依赖包窗口中按“重新检查”。
没有网络时：在系统和 Python 版本相同的另一台计算机上，于 {} 的副本旁运行
  {}
然后从该 wheel 文件夹安装。</translation>
    </message>
    <message>
      <source>Coastal Heavy Metal Risk</source>
      <translation>海岸带重金属风险</translation>
    </message>
  </context>
  <context>
    <name>DependenciesWindow</name>
    <message>
      <source>Without a network: run this on a computer with the same system and Python, beside a copy of {}, then press 'From a folder of wheels':</source>
      <translation>没有网络时：在系统和 Python 版本相同的另一台计算机上，于 {} 的副本旁运行以下命令，然后按“从 wheel 文件夹安装”：</translation>
    </message>
    <message>
      <source>Packages go into the plugin's own folder of your profile; QGIS's own are never changed.</source>
      <translation>软件包安装到您配置文件中插件自己的文件夹；QGIS 自带的包绝不改动。</translation>
    </message>
    <message>
      <source>Removed. QGIS's own packages were never touched.</source>
      <translation>已移除。QGIS 自带的包从未改动。</translation>
    </message>
    <message>
      <source>Restart QGIS: it has loaded packages that are not there any more.</source>
      <translation>请重新启动 QGIS：它已加载的部分包现已不存在。</translation>
    </message>
    <message>
      <source>Python packages - Coastal Heavy Metal Risk</source>
      <translation>Python 软件包 - 海岸带重金属风险</translation>
    </message>
    <message>
      <source>By hand: behind a proxy, or without a network</source>
      <translation>手动安装：使用代理或没有网络时</translation>
    </message>
    <message>
      <source>Run this in a terminal, then press 'Check again':</source>
      <translation>在终端中运行以下命令，然后按“重新检查”：</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>复制</translation>
    </message>
    <message>
      <source>Install</source>
      <translation>安装</translation>
    </message>
    <message>
      <source>From a folder of wheels...</source>
      <translation>从 wheel 文件夹安装...</translation>
    </message>
    <message>
      <source>Remove what was installed</source>
      <translation>移除已安装的包</translation>
    </message>
    <message>
      <source>Check again</source>
      <translation>重新检查</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>关闭</translation>
    </message>
    <message>
      <source>Folder of wheels</source>
      <translation>wheel 文件夹</translation>
    </message>
    <message>
      <source>Install again</source>
      <translation>重新安装</translation>
    </message>
    <message>
      <source>Every tool has what it needs.</source>
      <translation>所有工具所需的包都已齐备。</translation>
    </message>
    <message>
      <source>Installed and tried: {}. The tools can be used now.</source>
      <translation>已安装并试用：{}。工具现在可以使用。</translation>
    </message>
    <message>
      <source>Cancelled. Nothing was changed.</source>
      <translation>已取消。未作任何改动。</translation>
    </message>
  </context>
  <context>
    <name>Desktop</name>
    <message>
      <source>Coastal Heavy Metal Risk</source>
      <translation>海岸带重金属风险</translation>
    </message>
    <message>
      <source>Open the example project</source>
      <translation>打开示例工程</translation>
    </message>
    <message>
      <source>Full coastal assessment...</source>
      <translation>海岸带完整评价...</translation>
    </message>
    <message>
      <source>Documentation</source>
      <translation>文档</translation>
    </message>
    <message>
      <source>Dependencies...</source>
      <translation>依赖包...</translation>
    </message>
  </context>
  <context>
    <name>EditModelCopy</name>
    <message>
      <source>Edit a copy in the model designer...</source>
      <translation>在模型设计器中编辑副本...</translation>
    </message>
  </context>
  <context>
    <name>ExampleProject</name>
    <message>
      <source>The example is open: synthetic data, which say nothing of any real place.</source>
      <translation>示例已打开：均为合成数据，不代表任何真实地点。</translation>
    </message>
    <message>
      <source>Example</source>
      <translation>示例</translation>
    </message>
    <message>
      <source>The example is being made: about a minute, once.</source>
      <translation>正在制作示例：约需一分钟，仅此一次。</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Show its files</source>
      <translation>显示文件</translation>
    </message>
    <message>
      <source>The example could not be made:</source>
      <translation>无法制作示例：</translation>
    </message>
  </context>
  <context>
    <name>InstallationThread</name>
    <message>
      <source>Cancelled.</source>
      <translation>已取消。</translation>
    </message>
  </context>
  <context>
    <name>MissingPackages</name>
    <message>
      <source>Coastal Heavy Metal Risk</source>
      <translation>海岸带重金属风险</translation>
    </message>
    <message>
      <source>Install dependencies</source>
      <translation>安装依赖包</translation>
    </message>
  </context>
  <context>
    <name>PackageTable</name>
    <message>
      <source>Package</source>
      <translation>软件包</translation>
    </message>
    <message>
      <source>Needed</source>
      <translation>需要</translation>
    </message>
    <message>
      <source>Found</source>
      <translation>已有</translation>
    </message>
    <message>
      <source>Where</source>
      <translation>位置</translation>
    </message>
    <message>
      <source>For</source>
      <translation>用于</translation>
    </message>
    <message>
      <source>yes</source>
      <translation>是</translation>
    </message>
    <message>
      <source>missing</source>
      <translation>缺少</translation>
    </message>
    <message>
      <source>not installed</source>
      <translation>未安装</translation>
    </message>
    <message>
      <source>(older)</source>
      <translation>（较旧）</translation>
    </message>
    <message>
      <source>optional</source>
      <translation>可选</translation>
    </message>
    <message>
      <source>{} and {} more</source>
      <translation>{} 和另外 {} 个</translation>
    </message>
    <message>
      <source>{} or newer</source>
      <translation>{} 或更新</translation>
    </message>
  </context>
</TS>